#define _GNU_SOURCE
#include "CApolloSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The child runs in its parent's memory (CLONE_VM) on a stack of its own while the parent's thread waits (CLONE_VFORK):
// nothing is copied, and a failure is told by writing it where the parent reads. Only what is safe there may be called:
// no allocation, no locks, and never glibc's setuid family, which signals every thread it believes to have
// (nptl(7), "C library/kernel differences"): those are raw system calls.

static int failed(struct capollo_spawn_request *spawn, int step, size_t index) {
    spawn->failed_errno = errno;
    spawn->failed_step = step;
    spawn->failed_index = index;
    return -1;
}

static int enter_cgroups(struct capollo_spawn_request *spawn) {
    for (size_t i = 0; i < spawn->cgroup_count; i++) {
        // "0" is whoever writes; cgroups(7).
        if (write(spawn->cgroups[i], "0", 1) != 1) return failed(spawn, CAPOLLO_SPAWN_CGROUP, i);
    }
    return 0;
}

static int make_read_only(const char *target) {
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    if (syscall(SYS_mount_setattr, AT_FDCWD, target, AT_RECURSIVE, &attributes, sizeof attributes) == 0) return 0;
    if (errno != ENOSYS) return -1;
    // Before Linux 5.12: a remount has to repeat the flags that the mount has (mount(2), EPERM for locked flags).
    struct statvfs status;
    if (statvfs(target, &status) != 0) return -1;
    unsigned long kept = status.f_flag & (ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME | ST_NODIRATIME | ST_RELATIME);
    return mount(NULL, target, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | kept, NULL);
}

static int mount_all(struct capollo_spawn_request *spawn) {
    if (spawn->mount_count == 0) return 0;
    // Private, so that nothing of it is seen outside and nothing has to be undone: the namespace dies with its processes.
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        return failed(spawn, CAPOLLO_SPAWN_MOUNT, spawn->mount_count);
    }
    for (size_t i = 0; i < spawn->mount_count; i++) {
        const struct capollo_mount *m = &spawn->mounts[i];
        if (mount(m->source, m->target, NULL, MS_BIND | MS_REC, NULL) != 0) {
            return failed(spawn, CAPOLLO_SPAWN_MOUNT, i);
        }
        if (m->read_only && make_read_only(m->target) != 0) return failed(spawn, CAPOLLO_SPAWN_MOUNT, i);
    }
    return 0;
}

static int join(struct capollo_spawn_request *spawn) {
    for (size_t i = 0; i < spawn->namespace_count; i++) {
        // That of mounts may only be entered by who shares root and directory with nobody: clone without CLONE_FS.
        if (setns(spawn->namespaces[i], 0) != 0) return failed(spawn, CAPOLLO_SPAWN_JOIN, i);
    }
    if (spawn->enters_directory && fchdir(spawn->directory_file) != 0) return failed(spawn, CAPOLLO_SPAWN_DIRECTORY, 0);
    return 0;
}

static int set_files(struct capollo_spawn_request *spawn) {
    int files[3];
    for (int i = 0; i < 3; i++) {
        // Above 2 first, so that placing one does not overwrite the next.
        files[i] = spawn->files[i] < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : spawn->files[i];
        if (files[i] >= 0 && files[i] <= 2) files[i] = fcntl(files[i], F_DUPFD_CLOEXEC, 3);
        if (files[i] < 0) return failed(spawn, CAPOLLO_SPAWN_FILES, i);
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(files[i], i) < 0) return failed(spawn, CAPOLLO_SPAWN_FILES, i);
    }
    if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0) {
        // Before Linux 5.9 there is no close_range; what is ours is close-on-exec, this is for what libraries opened.
        struct rlimit limit;
        getrlimit(RLIMIT_NOFILE, &limit);
        for (rlim_t i = 3; i < limit.rlim_cur && i < 65536; i++) close((int)i);
    }
    return 0;
}

static int change_identity(struct capollo_spawn_request *spawn) {
    if (!spawn->changes_identity) return 0;
    // The bounding set first, while it may still be changed; the kernel clears the others as user 0 is left.
    for (int capability = 0; spawn->user != 0 && capability < 64; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) break;
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_setgroups, spawn->group_count, spawn->groups) != 0 ||
        syscall(SYS_setresgid, spawn->group, spawn->group, spawn->group) != 0 ||
        syscall(SYS_setresuid, spawn->user, spawn->user, spawn->user) != 0) {
        return failed(spawn, CAPOLLO_SPAWN_IDENTITY, 0);
    }
    return 0;
}

static void set_limits(struct capollo_spawn_request *spawn) {
    if (spawn->open_files != 0) {
        struct rlimit limit = {.rlim_cur = spawn->open_files, .rlim_max = spawn->open_files_most};
        // Raising the most needs CAP_SYS_RESOURCE; without it the task gets what there is.
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
            if (spawn->open_files < limit.rlim_max) limit.rlim_cur = spawn->open_files;
            setrlimit(RLIMIT_NOFILE, &limit);
        }
    }
    if (spawn->oom_score != NULL) {
        int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
        if (file >= 0) {
            // Going below what we were born with needs a capability; the kernel's choice is good enough without.
            ssize_t ignored = write(file, spawn->oom_score, strlen(spawn->oom_score));
            (void)ignored;
            close(file);
        }
    }
}

static int execute(struct capollo_spawn_request *spawn) {
    int found_error = ENOENT;
    size_t found_index = 0;
    for (size_t i = 0; spawn->candidates[i] != NULL; i++) {
        execve(spawn->candidates[i], (char *const *)spawn->arguments, (char *const *)spawn->environment);
        if (errno == ENOENT || errno == ENOTDIR) continue;
        // As execvp(3): a file that may not be executed is passed over, but remembered.
        found_error = errno;
        found_index = i;
        if (errno != EACCES) break;
    }
    errno = found_error;
    return failed(spawn, CAPOLLO_SPAWN_EXECUTE, found_index);
}

static int child(void *argument) {
    struct capollo_spawn_request *spawn = argument;
    // The kernel's own call and structure, zero being the default: glibc hides the two signals that it keeps for itself,
    // and a parent may have been started with them ignored.
    const uint64_t standard[4] = {0};
    for (int number = 1; number < NSIG; number++) syscall(SYS_rt_sigaction, number, standard, NULL, (size_t)8);
    setsid();
    umask(022);
    if (enter_cgroups(spawn) != 0 || join(spawn) != 0 || mount_all(spawn) != 0) _exit(127);
    set_limits(spawn);
    if (set_files(spawn) != 0) _exit(127);
    if (spawn->controlling_terminal && ioctl(0, TIOCSCTTY, 0) != 0) {
        failed(spawn, CAPOLLO_SPAWN_TERMINAL, 0);
        _exit(127);
    }
    if (change_identity(spawn) != 0) _exit(127);
    // Last of what a change of identity would clear (prctl(2)).
    if (spawn->death_signal != 0) prctl(PR_SET_PDEATHSIG, spawn->death_signal, 0, 0, 0);
    // As the user it will be, so that what it may not enter is refused.
    if (spawn->directory != NULL && chdir(spawn->directory) != 0) {
        failed(spawn, CAPOLLO_SPAWN_DIRECTORY, 0);
        _exit(127);
    }
    if (spawn->no_new_privileges) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execute(spawn);
    _exit(127);
}

pid_t capollo_spawn(struct capollo_spawn_request *spawn) {
    _Alignas(16) char stack[32 * 1024];
    spawn->failed_step = 0;
    spawn->failed_errno = 0;
    spawn->failed_index = 0;
    // A handler that ran in the child would write in our memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, spawn);
    if (pid < 0) failed(spawn, CAPOLLO_SPAWN_CLONE, 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pid > 0 && spawn->failed_step != 0) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
        }
        return -1;
    }
    return pid;
}

pid_t capollo_fork(void) { return fork(); }

int capollo_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

pid_t capollo_peek_ended_child(void) {
    siginfo_t info = {0};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return -1;
    return info.si_pid;
}

pid_t capollo_reap(pid_t pid, int *status, uint64_t *cpu_microseconds) {
    struct rusage usage;
    pid_t reaped = wait4(pid, status, WNOHANG, &usage);
    if (reaped > 0) {
        *cpu_microseconds = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                            (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    }
    return reaped;
}

int capollo_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int64_t capollo_peer_user(int socket) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    return peer.uid;
}
