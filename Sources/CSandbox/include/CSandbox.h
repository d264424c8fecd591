// The spawner: a small process that clones sandboxed steps for the builder, and the interpreter of their plans.
//
// The builder calls the functions below. The spawner is the same executable started anew; a constructor in
// Spawner.c notices that, before any Swift code runs, and never returns. docs: the header comments of the files.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// A plan is the header below and then operations, all in the machine's byte order:
//   operation = u64 code, u64 size of its fields, fields
//   field     = number: u64 | text: u64 length, bytes, at least one zero byte, filled up to a multiple of 8
//             | list: u64 count, fields
// Fields are in the order that the comment at each code names. Paths of sources are the builder's, all others are
// inside the new root. `attributes` are MOUNT_ATTR_* of <sys/mount.h>.
struct csandbox_plan {
    uint64_t magic;
    uint64_t namespaces;  // CLONE_NEW* flags
    uint64_t operations;  // how many follow
};

#define CSANDBOX_MAGIC 0x31304e414c504253ULL  // "SBPLAN01"

enum csandbox_operation {
    CSANDBOX_PRIVATE_MOUNTS = 1,  // -
    CSANDBOX_ROOT = 2,            // text attach, attributes, source; attach: a directory that no later operation needs
    CSANDBOX_BIND = 3,            // text subpath, text target, attributes, flags, source
    CSANDBOX_FILESYSTEM = 4,      // text type, list of options, attributes, text target, flags
    CSANDBOX_FILE = 5,            // text target, text contents, mode, uid, gid, attributes, text record of its owner
    CSANDBOX_SYMLINK = 6,         // text path, text link
    CSANDBOX_MASK = 7,            // text path
    CSANDBOX_READ_ONLY = 8,       // text path
    CSANDBOX_PIVOT = 9,           // -
    CSANDBOX_HOSTNAME = 10,       // text
    CSANDBOX_LOOPBACK = 11,       // -
    CSANDBOX_LIMIT = 12,          // resource, soft, hard
    CSANDBOX_DIRECTORY = 13,      // text path, uid, gid: created if missing, then entered
    CSANDBOX_SECCOMP = 14,        // text program: an array of struct sock_filter
    CSANDBOX_IDENTITY = 15,       // uid, gid, number set groups, list of groups, bounding, permitted, inheritable, ambient
    CSANDBOX_EXECUTE = 16,        // list of arguments, list of environment
    CSANDBOX_SCOPE = 17,          // -: processes and abstract sockets from before are out of reach, where the kernel can
    CSANDBOX_SUPERVISE = 18,      // number needed, text program, as for SECCOMP, text fallback; the calls that the program
                                  // notifies of go to the builder; where another listens already and it is not needed,
                                  // the fallback is installed, or nothing if it is empty
    CSANDBOX_CHANGE_ROOT = 19,    // text: a directory of the builder, which has everything in it
    CSANDBOX_CONFINE = 20,        // -: no_new_privs, and what Landlock can forbid here
    CSANDBOX_CONTROL_GROUP = 21,  // text directory: joined; first of all, with the builder's mounts
};

// source = number kind, then for a directory: text path; for an overlay: list of lowers (topmost first),
//          text upper ("" for none), text work, list of options
enum csandbox_source { CSANDBOX_SOURCE_DIRECTORY = 0, CSANDBOX_SOURCE_OVERLAY = 1 };

enum csandbox_flag {
    CSANDBOX_RECURSIVE = 1,       // with everything that is mounted below the source
    CSANDBOX_OPTIONAL = 2,        // a kernel that does not have or refuses it is no error
    CSANDBOX_REAL_DIRECTORY = 4,  // no component of the target may be a symbolic link
};

// The attribute of a record of an owner, as LinuxSystem names it.
#define CSANDBOX_OWNER "user.swbuild.owner"

enum csandbox_report_kind {
    CSANDBOX_READY = 1,   // the spawner serves
    CSANDBOX_FAILED = 2,  // step: index of the operation, or CSANDBOX_CLONE; code: errno; text: detail. EXITED follows
    CSANDBOX_STUB = 3,    // text: a mount point that was created in the root
    CSANDBOX_EXITED = 4,  // code: status as of waitpid
    CSANDBOX_LISTENER = 5,  // with a descriptor: where the calls of SUPERVISE arrive; the step goes on at once
};

#define CSANDBOX_CLONE UINT32_MAX
#define CSANDBOX_TEXT_MAX 4096

struct csandbox_report {
    uint32_t kind;
    uint32_t step;
    int32_t code;
    uint32_t length;  // of the text that follows
    uint64_t id;
};

struct csandbox_spawner {
    int socket;  // close-on-exec; shut down or closed by everybody, it ends the spawner and all steps
    pid_t pid;   // to be waited for
    int own_process_namespace;  // 1: when the spawner dies, the kernel kills the steps
};

/// Starts the spawner and waits until it serves. Returns 0 or -errno. Safe with threads; blocks for the time of an exec.
int csandbox_start(struct csandbox_spawner *spawner);

/// Hands over a plan (a descriptor whose contents stay unchanged until the report of the end) and the three
/// descriptors; `input` -1 is a pipe at its end. The caller keeps its descriptors. Returns 0 or -errno.
int csandbox_run(int socket, uint64_t id, int plan, int input, int output, int error_output);

/// Asks for SIGKILL to the first process of a step; no effect on one that has ended. Returns 0 or -errno.
int csandbox_kill(int socket, uint64_t id);

/// Waits for the next report. `text` has room for CSANDBOX_TEXT_MAX bytes. Returns 1, 0 at the end, or -errno.
/// `descriptor` is -1, or what came with the report, for the caller to close.
int csandbox_receive(int socket, struct csandbox_report *report, char *text, int *descriptor);

/// A descriptor of an anonymous file for a plan, or -errno.
int csandbox_plan_file(void);

#ifdef __cplusplus
}
#endif
