/* produce FIFO TOTAL_BYTES: writes 100-byte lines to a FIFO, 64 KiB at a time, as fast as it is read. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 100, BLOCK = 655 * LINE };

int main(int argc, char **argv) {
    if (argc != 3) {
        return 2;
    }
    static char block[BLOCK];
    memset(block, 'x', BLOCK);
    for (int i = LINE - 1; i < BLOCK; i += LINE) {
        block[i] = '\n';
    }
    int fifo = open(argv[1], O_WRONLY | O_CLOEXEC);
    for (long long left = atoll(argv[2]); left > 0;) {
        ssize_t n = write(fifo, block, BLOCK);
        if (n != BLOCK) {
            perror("write");
            return 1;
        }
        left -= n;
    }
    return close(fifo);
}
