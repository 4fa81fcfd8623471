#define _GNU_SOURCE
#include "CApolloMounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// <sys/mount.h> and <linux/mount.h> exclude each other in glibc 2.36.
int mount(const char *, const char *, const char *, unsigned long, const void *);
enum { MOUNT_NOSUID = 2, MOUNT_NODEV = 4, MOUNT_NOEXEC = 8, MOUNT_PRIVATE = 1 << 18 };

/// Lives until it is killed, or we are. It shares our memory: system calls only. Not until a pipe of ours is closed: another of these that
/// is made at the same time would have a copy of that pipe, and this one of its, and both would wait for ever.
static int wait_for_end(void *parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != (pid_t)(intptr_t)parent) _exit(0);
    for (;;) pause();
}

static int write_map(pid_t process, const char *name, unsigned first, unsigned count) {
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/%d/%s", process, name);
    int length = snprintf(text, sizeof text, "0 %u %u\n", first, count);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t written = write(file, text, (size_t)length);
    int code = errno;
    close(file);
    errno = code;
    return written == length ? 0 : -1;
}

int capollo_user_namespace(unsigned first, unsigned count) {
    enum { stack_size = 64 << 10 };
    char *stack = malloc(stack_size);
    if (stack == NULL) return -1;
    // No handler of ours may run in it.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    // Without a signal at its end it is nobody's but whoever asks for it by number.
    pid_t process = clone(wait_for_end, stack + stack_size, CLONE_NEWUSER | CLONE_VM, (void *)(intptr_t)getpid());
    int code = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    int space = -1;
    if (process > 0) {
        if (write_map(process, "uid_map", first, count) == 0 && write_map(process, "gid_map", first, count) == 0) {
            char path[64];
            snprintf(path, sizeof path, "/proc/%d/ns/user", process);
            space = open(path, O_RDONLY | O_CLOEXEC);
        }
        code = errno;
        kill(process, SIGKILL);
        while (waitpid(process, NULL, __WALL) < 0 && errno == EINTR) {}
    }
    free(stack);
    errno = code;
    return space;
}

int capollo_map_mount(const char *path, int users, int recursive) {
    unsigned deep = recursive ? AT_RECURSIVE : 0;
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | deep);
    if (tree < 0) return -1;
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)users};
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | deep, &attributes, sizeof attributes) == 0) return tree;
    int code = errno;
    close(tree);
    errno = code;
    return -1;
}

int capollo_attach_mount(int mount, const char *target) {
    return (int)syscall(SYS_move_mount, mount, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
}

int capollo_mount_memory(const char *target) {
    if (mount("tmpfs", target, "tmpfs", MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC, "mode=0700,size=1m") != 0) return -1;
    return mount(NULL, target, NULL, MOUNT_PRIVATE, NULL);
}
