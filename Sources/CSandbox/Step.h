// A step: the cloned child, from clone to exec. Single threaded, in a copy of the spawner's memory.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct step_files {
    int plan;
    int input;  // -1: a pipe at its end
    int output;
    int error_output;
};

/// The plan being read. Reading past the end, or a text without its zero, fails the step.
struct cursor {
    const unsigned char *at;
    const unsigned char *end;
};

struct step {
    uint64_t id;
    uint32_t operation;     // index of the present one
    struct cursor fields;   // of the present one
    int root;               // the new root: O_PATH, or a mount's descriptor
    uint64_t root_mount;    // its mount id, 0 where the kernel does not tell
    int staging;            // a tmpfs that goes away with the old root
    unsigned staged;        // names used in it
};

/// Interprets the plan. Never returns: it executes the step's program, or reports and exits with 1.
_Noreturn void step_main(uint64_t id, const struct step_files *files);

/// Reports the present operation as failed with errno `code`, and exits.
_Noreturn void step_fail(const struct step *step, int code, const char *detail);

// Reading fields, in order.
uint64_t read_number(struct step *step);
const char *read_text(struct step *step);
const char *read_bytes(struct step *step, size_t *length);
/// A NULL terminated array in memory that is never freed.
char **read_list(struct step *step, size_t *count);

// Mount.c
void mount_private(struct step *step);
void mount_root(struct step *step);
void mount_bind(struct step *step);
void mount_filesystem(struct step *step);
void mount_file(struct step *step);
void mount_mask(struct step *step);
void mount_read_only(struct step *step);
void mount_pivot(struct step *step);

// Source.c
/// Reads a source and opens it: a detached mount, or -errno for a missing directory. `recursive` for directories.
int source_open(struct step *step, const char *subpath, int recursive);
/// fsopen to fsmount of a file system with options "key=value" or "flag"; -errno, and what the kernel said in `log`.
int filesystem_open(const char *type, char *const *options, uint64_t attributes, char *log, size_t size);

// Target.c
struct target_wish {
    int directory;       // what to create
    int real;            // no symbolic links
    int report;          // as a stub
    uid_t uid;
    gid_t gid;
};
/// Opens `path` inside the root, O_PATH; -errno.
int target_find(const struct step *step, const char *path);
/// Opens `path` inside the root and creates what is missing; fails the step.
int target_make(struct step *step, const char *path, const struct target_wish *wish);
/// mount id of a descriptor; 0 if unknown (kernel before 5.8).
uint64_t mount_identifier(int descriptor);

// Process.c
void process_symlink(struct step *step);
void process_hostname(struct step *step);
void process_loopback(struct step *step);
void process_limit(struct step *step);
void process_scope(void);
void process_control_group(struct step *step);
void process_directory(struct step *step);
void process_seccomp(struct step *step);
void process_supervise(struct step *step);

// Confine.c
void process_change_root(struct step *step);
void process_confine(struct step *step);

// Attendant.c
/// Runs the plan in a child, and kills all that the step leaves. Never returns.
_Noreturn void attend(uint64_t id, const struct step_files *files);
/// Kills the children of this process but for `count` spared ones.
void kill_strangers(const pid_t *spared, size_t count);

// Identity.c, Execute.c
void process_identity(struct step *step);
_Noreturn void process_execute(struct step *step);
