// What Glibc's Swift module hides: variadic calls, function-like macros, and system calls without a wrapper.
//
// Convention: a function that can fail returns -errno; otherwise 0, a count or a descriptor (always close-on-exec).
// Safety class of every function here, unless its comment says otherwise: thread safe, allocates nothing,
// safe between fork and exec. EINTR is returned, never hidden.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What statx tells, in fixed-width fields.
struct clinux_status {
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
    uint32_t links;
    int64_t size;
    int64_t blocks;
    uint64_t inode;
    uint64_t device;
    uint32_t device_major;
    uint32_t device_minor;
    int64_t modified_seconds;
    int64_t changed_seconds;
    uint32_t modified_nanoseconds;
    uint32_t changed_nanoseconds;
    /// When the inode was made; zero where the filesystem does not say.
    int64_t born_seconds;
    uint32_t born_nanoseconds;
};

/// Status of `name` below `directory`; an empty name means the descriptor itself. Never mounts an automount.
int clinux_statx(int directory, const char *name, int follow, struct clinux_status *status);

// Values of open_how.resolve (linux/openat2.h).
enum { CLINUX_IN_ROOT = 0x10, CLINUX_BENEATH = 0x08, CLINUX_NO_SYMLINKS = 0x04, CLINUX_NO_MAGICLINKS = 0x02 };

/// openat2(2), kernel 5.6. EAGAIN means that a rename raced with `..`: try again.
int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

/// getdents64(2): fills `buffer` with records; 0 at the end.
ssize_t clinux_getdents(int directory, void *buffer, size_t size);

int clinux_open(int directory, const char *path, int flags, uint32_t mode);
int clinux_fchmodat(int directory, const char *name, uint32_t mode);
ssize_t clinux_readlink(int directory, const char *name, void *target, size_t size);
int clinux_pipe(int *read, int *write);
/// Names the calling thread; at most 15 bytes.
void clinux_name_thread(const char *name);

// Processors that a thread may run on.
typedef struct {
    unsigned long bits[1024 / (8 * sizeof(unsigned long))];
} clinux_processors;

// Lets a thread that is yet to be made begin on another processor than the calling thread is on, where there is one;
// `all` gets those that the calling thread may run on. An error number, or 0.
int clinux_begin_elsewhere(pthread_attr_t *attributes, clinux_processors *all);
// Lets the calling thread run on all of them.
void clinux_run_anywhere(const clinux_processors *all);
int clinux_mknod(int directory, const char *name, uint32_t mode, uint32_t major, uint32_t minor);
int clinux_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags);

// Extended attributes. The path forms never follow the last component.
ssize_t clinux_llistxattr(const char *path, char *list, size_t size);
ssize_t clinux_lgetxattr(const char *path, const char *name, void *value, size_t size);
int clinux_lsetxattr(const char *path, const char *name, const void *value, size_t size);
int clinux_lremovexattr(const char *path, const char *name);
ssize_t clinux_flistxattr(int descriptor, char *list, size_t size);
ssize_t clinux_fgetxattr(int descriptor, const char *name, void *value, size_t size);
int clinux_fsetxattr(int descriptor, const char *name, const void *value, size_t size);

/// Makes `to` share all blocks of `from` (ioctl FICLONE: btrfs, xfs, bcachefs).
int clinux_clone_file(int from, int to);
/// copy_file_range(2) at the current offsets; 0 at the end.
ssize_t clinux_copy_range(int from, int to, size_t size);
/// flock(2); operation is LOCK_SH, LOCK_EX or LOCK_UN, with LOCK_NB.
int clinux_flock(int descriptor, int operation);
/// fcntl(2) with F_OFD_SETLK on one byte, which need not be there; `type` is F_RDLCK, F_WRLCK or F_UNLCK. -EAGAIN where
/// another open file bars it.
int clinux_lock_byte(int descriptor, int type, int64_t offset);
/// fcntl(2) with F_OFD_GETLK: 1 where another open file has a lock on the byte, 0 where none has.
int clinux_is_byte_locked(int descriptor, int64_t offset);
/// Flushes the whole filesystem that holds `descriptor`, and reports write errors since it was opened.
int clinux_syncfs(int descriptor);
/// Bytes of the filesystem that holds `descriptor`, and those that this user may still fill.
int clinux_disk_space(int descriptor, int64_t *total, int64_t *available);
/// statfs(2): the magic number of the filesystem that holds `descriptor`; 0 where it cannot be asked.
uint64_t clinux_filesystem(int descriptor);
int clinux_memfd(const char *name);
int clinux_eventfd(void);
int clinux_pidfd_open(pid_t pid);

// The mount calls of kernel 5.2 that never attach what they make.
int clinux_fsopen(const char *type);
int clinux_fsconfig_string(int context, const char *key, const char *value);
int clinux_fsconfig_flag(int context, const char *key);
int clinux_fsconfig_create(int context);
/// A descriptor of the new, detached mount; `attributes` is built from CLINUX_MOUNT_*.
int clinux_fsmount(int context, unsigned attributes);
enum { CLINUX_MOUNT_READ_ONLY = 0x1, CLINUX_MOUNT_NO_SUID = 0x2, CLINUX_MOUNT_NO_DEVICES = 0x4 };
/// Attaches a detached mount at `target`; only for tests and debugging.
int clinux_move_mount(int mount, const char *target);
/// Makes every mount of this mount namespace private.
int clinux_make_mounts_private(void);

/// unshare(2) of a mount namespace and, with `user`, of a user namespace that owns it. Single threaded only.
int clinux_unshare(int user);
/// unshare(2) of root, working directory and mask for the calling thread.
int clinux_unshare_paths(void);
/// setgroups([]) unless `keep_groups`, then group and user 0 in this process. Single threaded only.
int clinux_become_root(int keep_groups);

/// fork(2): 0 in the child, its number in the parent. Single threaded only.
int clinux_fork(void);
/// Mounts /proc, attached nowhere, in a new process namespace, as a step does. Single threaded only; changes where
/// later children are born, so it is for a process that ends soon.
int clinux_probe_proc(void);
/// chroot(2) and chdir(2) to `path`.
int clinux_change_root(const char *path);

/// Who writes the id maps of a process that is about to leave its user namespace.
struct clinux_mapper {
    /// NULL terminated argument vectors, [0] an absolute path; NULL: `user_map` and `group_map` are written to the files.
    char *const *user_command;
    char *const *group_command;
    const char *user_map;
    const char *group_map;
    pid_t target;
};
/// What is left to do with a forked mapper.
struct clinux_mapper_process {
    pid_t pid;
    int go;
    int messages;
};
/// How the mapper ended.
enum {
    CLINUX_MAPPED = 0,
    CLINUX_USER_MAP_FAILED = 1,
    CLINUX_GROUP_MAP_FAILED = 2,
    CLINUX_NOT_ASKED = 3,
};
/// Forks a child that keeps the present credentials and waits. Single threaded only.
int clinux_mapper_start(const struct clinux_mapper *mapper, struct clinux_mapper_process *process);
/// Lets the child write the maps, reads what the commands say (cut to `size` - 1, NUL terminated) and reaps it.
/// Gives one of CLINUX_MAPPED...; closes both descriptors.
int clinux_mapper_finish(struct clinux_mapper_process *process, int proceed, char *text, size_t size);
/// Writes a text to an existing file in one write.
int clinux_write_file(const char *path, const char *text);

/// A program to start in a process group of its own.
struct clinux_spawn {
    const char *program;
    char *const *arguments;
    char *const *environment;
    /// NULL: the present directory.
    const char *directory;
    int input;
    int output;
    int error_output;
};
/// posix_spawn(3) with nothing else inherited: descriptors from 3 are closed, signals are reset. Allocates.
int clinux_spawn(const struct clinux_spawn *request, pid_t *pid);

// Answering the system calls of other processes (seccomp_unotify(2)).

/// A call that waits for an answer; `architecture` and `number` as in struct seccomp_data.
struct clinux_notification {
    uint64_t id;
    /// The thread, as this process's namespace numbers it; 0 if it is not in it.
    pid_t process;
    uint32_t architecture;
    int32_t number;
    uint64_t arguments[6];
};
/// Waits for the next call: 1, or 0 once every process of the filter has ended or `stop` is readable.
int clinux_notification_receive(int listener, int stop, struct clinux_notification *notification);
/// Lets the caller and this thread hand over one processor (kernel 6.6), which halves the time of a call.
int clinux_notification_wake_together(int listener);
/// Whether the call still waits: what was read of its process before was the process's.
int clinux_notification_is_valid(int listener, uint64_t id);
/// Gives the call a value, or an errno (positive); with `proceed` the kernel carries it out instead.
int clinux_notification_answer(int listener, uint64_t id, int64_t value, int error, int proceed);
/// Gives the caller a copy of a descriptor of ours, whose number is the call's value (kernel 5.14).
int clinux_notification_answer_descriptor(int listener, uint64_t id, int descriptor, int close_on_exec);

/// Memory of another process (process_vm_readv(2)): bytes moved.
ssize_t clinux_process_read(pid_t process, uint64_t address, void *bytes, size_t size);
ssize_t clinux_process_write(pid_t process, uint64_t address, const void *bytes, size_t size);
/// A text up to its zero; its length, ENAMETOOLONG where `size` bytes hold no zero.
ssize_t clinux_process_text(pid_t process, uint64_t address, char *text, size_t size);

enum { CLINUX_PATH = 4096, CLINUX_PROCESS_PATH = 64, CLINUX_PROCESS_ROOT = -1000, CLINUX_RECORD_PATH = 320 };
/// `/proc/N/root`, `/proc/N/cwd` (AT_FDCWD) or `/proc/N/fd/M`.
void clinux_process_path(char path[CLINUX_PROCESS_PATH], pid_t process, int directory);
/// Opens what a path means to another process, whatever its root and directory; an empty path is the directory itself.
/// Magic links of proc are refused (ELOOP), and `/proc/self` is not the process's.
/// `root` is the process's root directory where it is known, else -1.
int clinux_process_open(pid_t process, int root, int directory, const char *path, uint64_t flags, uint64_t mode);
/// An attribute of what one of a process's descriptors stands for.
ssize_t clinux_process_record(pid_t process, int directory, const char *attribute, void *value, size_t size);
/// A resource limit of another process (prlimit(2)).
int clinux_process_limit(pid_t process, int resource, uint64_t *soft, uint64_t *hard);
int clinux_process_set_limit(pid_t process, int resource, uint64_t soft, uint64_t hard);

/// An attribute of a name (not followed) or, with an empty one, of what a descriptor stands for, O_PATH included.
ssize_t clinux_record_get(int directory, const char *name, const char *attribute, void *value, size_t size);
/// The same; with size 0 it is removed, and a missing one is no error.
int clinux_record_set(int directory, const char *name, const char *attribute, const void *value, size_t size);

/// The names of the attributes of what a descriptor stands for, O_PATH included.
ssize_t clinux_place_attributes(int file, char *list, size_t size);

/// An owner, and with a `type` (S_IFCHR or S_IFBLK) a device, in the place of what the kernel knows.
struct clinux_record {
    uint32_t uid;
    uint32_t gid;
    uint32_t type;
    uint32_t major;
    uint32_t minor;
};
enum { CLINUX_STATUS_SIZE = 256, CLINUX_EMPTY_PATH = 0x1000 };
// Statuses of an open file as system calls write them, with a record's owner and device; the number of bytes.
/// struct stat
int clinux_status_native(int file, const struct clinux_record *record, void *buffer);
/// struct stat64 of i386 and arm, by AUDIT_ARCH_*; 0 for others.
int clinux_status_narrow(int file, uint32_t architecture, const struct clinux_record *record, void *buffer);
/// struct statx; `flags` and `mask` are the caller's.
int clinux_status_extended(int file, uint32_t flags, uint32_t mask, const struct clinux_record *record, void *buffer);

/// Whether a signal is ignored, as who started the process may have wanted it: 1 or 0.
int clinux_signal_is_ignored(int number);

/// Makes all threads allocate from one heap; before there are any.
void clinux_share_heap(void);

/// Gives the process its own pages for its writable data, all at once; has no effect before Linux 5.14.
void clinux_populate_data(void);

#ifdef __cplusplus
}

#endif
