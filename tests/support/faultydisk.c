/* SPDX-License-Identifier: GPL-3.0-or-later
 * A disk that misbehaves, for one process: loaded with LD_PRELOAD, it does what the file says that FAULTY_DISK names, for as long as it
 * says so. "hang": nothing is made durable, and whoever asks for it waits. "slow-sync": that takes 100 ms. "slow": each read of a file
 * takes 20 ms. "hang-reads": no read returns. Only files whose names end with .db, -wal, -journal or .aof are meant. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int says(const char *word)
{
    char text[32] = "";
    const char *path = getenv("FAULTY_DISK");
    const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    const ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    return size > 0 && strcmp(text, word) == 0;
}

static int is_meant(int fd)
{
    static const char *const endings[] = { ".db", "-wal", "-journal", ".aof" };
    char link[64];
    char name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t size = readlink(link, name, sizeof name - 1);
    if (size <= 0)
        return 0;
    name[size] = '\0';
    for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
        const size_t length = strlen(endings[i]);
        if ((size_t)size >= length && strcmp(name + size - length, endings[i]) == 0)
            return 1;
    }
    return 0;
}

static void wait_while(int fd, const char *word)
{
    if (!is_meant(fd))
        return;
    while (says(word))
        usleep(20000);
}

static void wait_to_sync(int fd)
{
    wait_while(fd, "hang");
    if (is_meant(fd) && says("slow-sync"))
        usleep(100000);
}

int fdatasync(int fd)
{
    wait_to_sync(fd);
    int (*const real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return real(fd);
}

int fsync(int fd)
{
    wait_to_sync(fd);
    int (*const real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return real(fd);
}

ssize_t pread64(int fd, void *buffer, size_t size, off64_t offset)
{
    if (is_meant(fd) && says("slow"))
        usleep(20000);
    wait_while(fd, "hang-reads");
    ssize_t (*const real)(int, void *, size_t, off64_t) = (ssize_t(*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
    return real(fd, buffer, size, offset);
}
