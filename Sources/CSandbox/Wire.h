// Messages between builder and spawner, over one SOCK_SEQPACKET pair.
#pragma once

#include <stdint.h>

enum { WIRE_SOCKET = 3 };  // the spawner's end, in the spawner and in a child until it executes

enum wire_request_kind { WIRE_RUN = 1, WIRE_KILL = 2 };

// Descriptors that go with WIRE_RUN: plan, output, error output and, with has_input, input.
struct wire_request {
    uint32_t kind;
    uint32_t has_input;
    uint64_t id;
};

#define WIRE_NAME "swbuild-spawner"
#define WIRE_TOKEN "serve-on-descriptor-3"

/// The spawner's life: serves requests until the builder's end is shut, kills what runs, and exits.
_Noreturn void spawner_serve(void);

/// One report to the builder, in one packet; `text` may be NULL. Errors are ignored: then nobody listens.
void wire_report(uint32_t kind, uint64_t id, uint32_t step, int32_t code, const char *text);

/// A report without text but with a descriptor; 0 or -errno.
int wire_report_descriptor(uint32_t kind, uint64_t id, uint32_t step, int descriptor);
