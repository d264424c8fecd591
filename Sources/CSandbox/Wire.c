#define _GNU_SOURCE
#include "Wire.h"
#include "CSandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int send_message(int socket, const struct msghdr *message) {
    ssize_t sent;
    do sent = sendmsg(socket, message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

int csandbox_run(int socket, uint64_t id, int plan, int input, int output, int error_output) {
    struct wire_request request = {.kind = WIRE_RUN, .has_input = input >= 0, .id = id};
    struct iovec part = {.iov_base = &request, .iov_len = sizeof request};
    const int descriptors[4] = {plan, output, error_output, input};
    const size_t count = input >= 0 ? 4 : 3;
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof descriptors)];
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
    return send_message(socket, &message);
}

int csandbox_kill(int socket, uint64_t id) {
    struct wire_request request = {.kind = WIRE_KILL, .id = id};
    struct iovec part = {.iov_base = &request, .iov_len = sizeof request};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    return send_message(socket, &message);
}

int csandbox_receive(int socket, struct csandbox_report *report, char *text, int *descriptor) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec parts[2] = {{.iov_base = report, .iov_len = sizeof *report},
                             {.iov_base = text, .iov_len = CSANDBOX_TEXT_MAX}};
    struct msghdr message = {
        .msg_iov = parts, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof control};
    *descriptor = -1;
    ssize_t received;
    do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    if (received < 0) return errno == ECONNRESET ? 0 : -errno;
    if (received == 0) return 0;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
    if ((size_t)received < sizeof *report) return -EBADMSG;
    return (size_t)received - sizeof *report < report->length ? -EBADMSG : 1;
}

int csandbox_plan_file(void) {
    int file = memfd_create("swbuild-plan", MFD_CLOEXEC);
    return file < 0 ? -errno : file;
}

void wire_report(uint32_t kind, uint64_t id, uint32_t step, int32_t code, const char *text) {
    size_t length = text ? strlen(text) : 0;
    if (length > CSANDBOX_TEXT_MAX) length = CSANDBOX_TEXT_MAX;
    struct csandbox_report report = {
        .kind = kind, .step = step, .code = code, .length = (uint32_t)length, .id = id};
    struct iovec parts[2] = {{.iov_base = &report, .iov_len = sizeof report},
                             {.iov_base = (void *)text, .iov_len = length}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    (void)send_message(WIRE_SOCKET, &message);
}

int wire_report_descriptor(uint32_t kind, uint64_t id, uint32_t step, int descriptor) {
    struct csandbox_report report = {.kind = kind, .step = step, .id = id};
    struct iovec part = {.iov_base = &report, .iov_len = sizeof report};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof descriptor)];
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    return send_message(WIRE_SOCKET, &message);
}
