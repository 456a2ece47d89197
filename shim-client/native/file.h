/* The log file itself: opened, appended to, mended; everything here may block on the disk. */
#ifndef FILE_H
#define FILE_H

struct disk;

/* Longest marker line. */
enum { MARKER_LIMIT = 512 };

/* Opens for appending, created with mode 0640; a symbolic link or anything but a regular file is
   refused, and nothing is created then. A file that ends in the middle of a line (its writer was
   killed) gets its newline. Returns 0 or an errno. */
int file_open(const char *path, int *file);

/* What an errno of file_open means. */
const char *file_error(int error);

/* The disk thread; takes the struct disk. */
void *file_thread(void *disk);

#endif
