#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The step of a spawn that failed.
#define CAPOLLO_SPAWN_CLONE 1
#define CAPOLLO_SPAWN_CGROUP 2
#define CAPOLLO_SPAWN_MOUNT 3
#define CAPOLLO_SPAWN_FILES 4
#define CAPOLLO_SPAWN_IDENTITY 5
#define CAPOLLO_SPAWN_DIRECTORY 6
#define CAPOLLO_SPAWN_EXECUTE 7
#define CAPOLLO_SPAWN_JOIN 8
#define CAPOLLO_SPAWN_TERMINAL 9

/// A directory or file bound to another place, in a mount namespace of the process's own.
struct capollo_mount {
    const char *source;
    const char *target;
    int read_only;
};

/// A process to start. Pointers are borrowed for the call.
struct capollo_spawn_request {
    /// Paths to execute, the first that is there; ends with NULL.
    const char *const *candidates;
    /// End with NULL.
    const char *const *arguments;
    const char *const *environment;
    /// NULL to stay.
    const char *directory;
    /// When set, an open directory to be in, entered as whoever spawns; `directory` is NULL then.
    int enters_directory;
    int directory_file;
    /// What becomes descriptors 0, 1 and 2; -1 is /dev/null. All others are closed.
    int files[3];
    /// Open `cgroup.procs` files to enter before anything else runs.
    const int *cgroups;
    size_t cgroup_count;
    /// Open namespaces of another process to enter (setns(2)); not that of process numbers, which only children would be in.
    const int *namespaces;
    size_t namespace_count;
    const struct capollo_mount *mounts;
    size_t mount_count;
    /// When set, the user, the group and the supplementary groups; capabilities are gone then.
    int changes_identity;
    uid_t user;
    gid_t group;
    const gid_t *groups;
    size_t group_count;
    /// RLIMIT_NOFILE; zero leaves it.
    uint64_t open_files;
    uint64_t open_files_most;
    /// Text for /proc/self/oom_score_adj; NULL leaves it.
    const char *oom_score;
    /// Set PR_SET_NO_NEW_PRIVS, so that set-user-id programs give nothing.
    int no_new_privileges;
    /// Have descriptor 0, a terminal, control the new session.
    int controlling_terminal;
    /// The signal it gets when the thread that spawned it ends (PR_SET_PDEATHSIG); zero for none.
    int death_signal;

    /// On failure: the step, its errno, and which candidate, mount or cgroup it was.
    int failed_step;
    int failed_errno;
    size_t failed_index;
};

/// Starts the process in a session of its own, with default signal dispositions and an empty mask.
///
/// Returns its pid once it runs its program, or -1 with `failed_*` set and nothing left behind. The calling thread waits
/// for the exec; other threads go on.
pid_t capollo_spawn(struct capollo_spawn_request *spawn);

/// fork(2), for a process that has only one thread.
pid_t capollo_fork(void);

/// Makes orphaned descendants children of this process (PR_SET_CHILD_SUBREAPER).
int capollo_become_subreaper(void);

/// A child that has ended and is not reaped yet: its pid, 0 when there is none now, -1 when there are no children.
pid_t capollo_peek_ended_child(void);

/// Reaps the child: its wait status, its processor time in microseconds. Returns its pid, or -1.
pid_t capollo_reap(pid_t pid, int *status, uint64_t *cpu_microseconds);

/// pidfd_open(2); -1 with errno.
int capollo_pidfd_open(pid_t pid);

/// The user at the other end of a unix socket; -1 when unknown.
int64_t capollo_peer_user(int socket);
