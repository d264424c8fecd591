#define _GNU_SOURCE
#include "Step.h"
#include "CSandbox.h"
#include "Wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

_Noreturn void step_fail(const struct step *step, int code, const char *detail) {
    wire_report(CSANDBOX_FAILED, step->id, step->operation, code, detail);
    _exit(1);
}

static const unsigned char *take(struct step *step, size_t size) {
    const unsigned char *at = step->fields.at;
    if ((size_t)(step->fields.end - at) < size) step_fail(step, EBADMSG, NULL);
    step->fields.at += size;
    return at;
}

uint64_t read_number(struct step *step) {
    uint64_t number;
    memcpy(&number, take(step, sizeof number), sizeof number);
    return number;
}

const char *read_bytes(struct step *step, size_t *length) {
    uint64_t size = read_number(step);
    if (size > UINT32_MAX) step_fail(step, EBADMSG, NULL);
    const char *bytes = (const char *)take(step, (size / 8 + 1) * 8);
    if (bytes[size] != 0) step_fail(step, EBADMSG, NULL);
    *length = size;
    return bytes;
}

const char *read_text(struct step *step) {
    size_t length;
    return read_bytes(step, &length);
}

char **read_list(struct step *step, size_t *count) {
    uint64_t size = read_number(step);
    if (size > UINT32_MAX) step_fail(step, EBADMSG, NULL);
    char **list = calloc(size + 1, sizeof *list);
    if (!list) step_fail(step, ENOMEM, NULL);
    for (size_t i = 0; i < size; i++) list[i] = (char *)read_text(step);
    if (count) *count = size;
    return list;
}

/// Standard descriptors: from the builder, or for the input a pipe whose other end is closed.
static void place_files(struct step *step, const struct step_files *files) {
    int input = files->input;
    if (input < 0) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0) step_fail(step, errno, NULL);
        close(ends[1]);
        input = ends[0];
    }
    if (dup2(input, 0) < 0 || dup2(files->output, 1) < 0 || dup2(files->error_output, 2) < 0)
        step_fail(step, errno, NULL);
}

static const unsigned char *map_plan(struct step *step, int plan, size_t *size) {
    struct stat status;
    if (fstat(plan, &status) < 0) step_fail(step, errno, NULL);
    if ((size_t)status.st_size < sizeof(struct csandbox_plan)) step_fail(step, EBADMSG, NULL);
    *size = (size_t)status.st_size;
    void *bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, plan, 0);
    if (bytes == MAP_FAILED) step_fail(step, errno, NULL);
    return bytes;
}

static void perform(struct step *step, uint64_t code) {
    switch (code) {
    case CSANDBOX_PRIVATE_MOUNTS: return mount_private(step);
    case CSANDBOX_ROOT: return mount_root(step);
    case CSANDBOX_BIND: return mount_bind(step);
    case CSANDBOX_FILESYSTEM: return mount_filesystem(step);
    case CSANDBOX_FILE: return mount_file(step);
    case CSANDBOX_SYMLINK: return process_symlink(step);
    case CSANDBOX_MASK: return mount_mask(step);
    case CSANDBOX_READ_ONLY: return mount_read_only(step);
    case CSANDBOX_PIVOT: return mount_pivot(step);
    case CSANDBOX_HOSTNAME: return process_hostname(step);
    case CSANDBOX_LOOPBACK: return process_loopback(step);
    case CSANDBOX_LIMIT: return process_limit(step);
    case CSANDBOX_DIRECTORY: return process_directory(step);
    case CSANDBOX_SCOPE: return process_scope();
    case CSANDBOX_CONTROL_GROUP: return process_control_group(step);
    case CSANDBOX_SECCOMP: return process_seccomp(step);
    case CSANDBOX_SUPERVISE: return process_supervise(step);
    case CSANDBOX_CHANGE_ROOT: return process_change_root(step);
    case CSANDBOX_CONFINE: return process_confine(step);
    case CSANDBOX_IDENTITY: return process_identity(step);
    case CSANDBOX_EXECUTE: process_execute(step);
    default: step_fail(step, EBADMSG, NULL);
    }
}

_Noreturn void step_main(uint64_t id, const struct step_files *files) {
    struct step step = {.id = id, .operation = CSANDBOX_CLONE, .root = -1, .staging = -1};
    // The kernel kills the step with the spawner's process namespace; this is for a spawner without one.
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    umask(0);
    (void)setsid();
    place_files(&step, files);
    size_t size;
    const unsigned char *bytes = map_plan(&step, files->plan, &size);
    struct csandbox_plan plan;
    memcpy(&plan, bytes, sizeof plan);
    struct cursor rest = {.at = bytes + sizeof plan, .end = bytes + size};
    for (uint64_t i = 0; i < plan.operations; i++) {
        step.operation = (uint32_t)i;
        step.fields = rest;
        uint64_t code = read_number(&step);
        uint64_t length = read_number(&step);
        if ((uint64_t)(rest.end - step.fields.at) < length) step_fail(&step, EBADMSG, NULL);
        step.fields.end = step.fields.at + length;
        rest.at = step.fields.end;
        perform(&step, code);
    }
    step_fail(&step, EBADMSG, NULL);
}
