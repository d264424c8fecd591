// The spawner's loop. Single threaded; it may allocate.
#define _GNU_SOURCE
#include "CSandbox.h"
#include "Step.h"
#include "Wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct running {
    pid_t pid;
    uint64_t id;
    int attended;  // without a process namespace: its first process must live to kill the others
};

struct table {
    struct running *entries;
    size_t count;
    size_t room;
    int has_orphans;  // an attendant was killed
};

static int table_reserve(struct table *table) {
    if (table->count < table->room) return 0;
    size_t room = table->room ? 2 * table->room : 16;
    struct running *entries = realloc(table->entries, room * sizeof *entries);
    if (!entries) return -1;
    table->entries = entries;
    table->room = room;
    return 0;
}

/// What an attendant left that was itself killed has become ours.
static void kill_orphans(const struct table *table) {
    pid_t *spared = calloc(table->count + 1, sizeof *spared);
    if (!spared) return;
    for (size_t i = 0; i < table->count; i++) spared[i] = table->entries[i].pid;
    kill_strangers(spared, table->count);
    free(spared);
}

/// Reports the end of a step; 0 where the process was none.
static int report_end(struct table *table, pid_t pid, int status) {
    for (size_t i = 0; i < table->count; i++) {
        if (table->entries[i].pid != pid) continue;
        struct running ended = table->entries[i];
        table->entries[i] = table->entries[--table->count];
        if (ended.attended && WIFSIGNALED(status)) {
            table->has_orphans = 1;
            kill_orphans(table);
        }
        wire_report(CSANDBOX_EXITED, ended.id, 0, status, NULL);
        return 1;
    }
    return 0;
}

/// Reports every step that has ended.
static void reap(struct table *table, int options) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, options)) > 0 || (pid < 0 && errno == EINTR))
        // An orphan that dies may leave its own.
        if (pid > 0 && !report_end(table, pid, status) && table->has_orphans) kill_orphans(table);
}

static void end_step(const struct running *step) { (void)kill(step->pid, step->attended ? SIGTERM : SIGKILL); }

static void kill_step(const struct table *table, uint64_t id) {
    for (size_t i = 0; i < table->count; i++)
        // Not waited for yet, so the number is still its own.
        if (table->entries[i].id == id) end_step(&table->entries[i]);
}

static void refuse(uint64_t id, int code) {
    wire_report(CSANDBOX_FAILED, id, CSANDBOX_CLONE, code, NULL);
    wire_report(CSANDBOX_EXITED, id, 0, 1 << 8, NULL);
}

static void run_step(struct table *table, const struct wire_request *request, const int *descriptors) {
    struct csandbox_plan plan;
    if (pread(descriptors[0], &plan, sizeof plan, 0) != sizeof plan || plan.magic != CSANDBOX_MAGIC) {
        refuse(request->id, EBADMSG);
        return;
    }
    if (table_reserve(table) < 0) {
        refuse(request->id, ENOMEM);
        return;
    }
    // The system call itself: glibc's fork knows no namespaces, and clone3 is ENOSYS below Docker's filter.
    pid_t pid = (pid_t)syscall(SYS_clone, plan.namespaces | CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
    int attended = pid < 0 && !(plan.namespaces & CLONE_NEWPID);
    if (attended) pid = (pid_t)syscall(SYS_clone, plan.namespaces | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid < 0) {
        refuse(request->id, errno);
        return;
    }
    if (pid == 0) {
        struct step_files files = {.plan = descriptors[0],
                                   .output = descriptors[1],
                                   .error_output = descriptors[2],
                                   .input = request->has_input ? descriptors[3] : -1};
        if (attended) attend(request->id, &files);
        step_main(request->id, &files);
    }
    table->entries[table->count++] = (struct running){.pid = pid, .id = request->id, .attended = attended};
}

/// One request; 0 when the builder is gone.
static int serve_request(struct table *table) {
    struct wire_request request;
    int descriptors[4] = {-1, -1, -1, -1};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof descriptors)];
    } control;
    struct iovec part = {.iov_base = &request, .iov_len = sizeof request};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t received = recvmsg(WIRE_SOCKET, &message, MSG_CMSG_CLOEXEC);
    if (received < 0) return errno == EINTR || errno == EAGAIN;
    if (received == 0) return 0;
    size_t count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(descriptors, CMSG_DATA(header), count * sizeof(int));
    }
    if (received == sizeof request && request.kind == WIRE_KILL) kill_step(table, request.id);
    if (received == sizeof request && request.kind == WIRE_RUN) {
        if (count == (request.has_input ? 4u : 3u))
            run_step(table, &request, descriptors);
        else
            refuse(request.id, EMFILE);  // the kernel drops descriptors that would pass RLIMIT_NOFILE
    }
    for (size_t i = 0; i < count; i++) close(descriptors[i]);
    return 1;
}

/// Leaves the builder's terminal, descriptors and keys, and gives a descriptor that tells of ended children.
static int settle(void) {
    (void)setsid();
    (void)prctl(PR_SET_NAME, "swbuild-spawn");
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)syscall(SYS_close_range, WIRE_SOCKET + 1, ~0U, 0);
    (void)fcntl(WIRE_SOCKET, F_SETFD, FD_CLOEXEC);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; null >= 0 && i < 3; i++) (void)dup2(null, i);
    // Steps must not see the user's keys; the filter refuses keyctl, but not possession.
    (void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    (void)sigprocmask(SIG_SETMASK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

_Noreturn void spawner_serve(void) {
    struct table table = {0};
    int children = settle();
    if (children < 0) _exit(1);
    wire_report(CSANDBOX_READY, 0, 0, 0, NULL);
    struct pollfd sources[2] = {{.fd = WIRE_SOCKET, .events = POLLIN}, {.fd = children, .events = POLLIN}};
    for (int alive = 1; alive;) {
        if (poll(sources, 2, -1) < 0) continue;
        struct signalfd_siginfo signals[16];
        if (sources[1].revents) {
            while (read(children, signals, sizeof signals) > 0) {}
            reap(&table, WNOHANG);
        }
        if (sources[0].revents) alive = serve_request(&table);
    }
    for (size_t i = 0; i < table.count; i++) end_step(&table.entries[i]);
    reap(&table, 0);
    _exit(0);
}
