// What the files of this target share.
#pragma once

#include <errno.h>

/// What a system call gives, or -errno.
static inline int result(long value) { return value < 0 ? -errno : (int)value; }

/// Puts a number into a text and gives its end, where there is a zero byte; safe between fork and exec.
static inline char *append_number(char *at, unsigned long number) {
    char digits[24];
    int length = 0;
    do digits[length++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (length > 0) *at++ = digits[--length];
    *at = 0;
    return at;
}
