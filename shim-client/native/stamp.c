#include "stamp.h"

static char *digits(char *out, long value, int width) {
    for (int i = width - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + width;
}

size_t stamp(char *out, const struct timespec *time) {
    struct tm calendar;
    gmtime_r(&time->tv_sec, &calendar);
    char *end = digits(out, calendar.tm_year + 1900L, 4);
    *end++ = '-';
    end = digits(end, calendar.tm_mon + 1L, 2);
    *end++ = '-';
    end = digits(end, calendar.tm_mday, 2);
    *end++ = 'T';
    end = digits(end, calendar.tm_hour, 2);
    *end++ = ':';
    end = digits(end, calendar.tm_min, 2);
    *end++ = ':';
    end = digits(end, calendar.tm_sec, 2);
    if (time->tv_nsec != 0) {
        *end++ = '.';
        end = digits(end, time->tv_nsec, 9);
        while (end[-1] == '0') {
            end--;
        }
    }
    *end++ = 'Z';
    return (size_t)(end - out);
}
