import Documents

/// The system calls that a container may make: those that Docker's documentation lists as allowed, without those that are there only
/// for containers which keep more of root's powers than ours do. All others fail with EPERM (seccomp(2)).
enum SeccompProfile {
    /// Without conditions.
    private static let allowed: [String] = words(
        """
        accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod chown chown32
        clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
        clock_nanosleep clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3
        epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old
        eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate
        fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync
        fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync
        ftruncate ftruncate64 futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake futimesat
        get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32
        getgid getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid
        getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid
        getsockname getsockopt gettid gettimeofday getuid getuid32 getxattr inotify_add_watch inotify_init
        inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64
        io_setup io_submit ioctl ioprio_get ioprio_set ipc kill landlock_add_rule landlock_create_ruleset
        landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listxattr llistxattr _llseek
        lremovexattr lseek lsetxattr lstat lstat64 madvise map_shadow_stack membarrier memfd_create
        memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect
        mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend
        mq_timedsend_time64 mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock munlockall munmap
        name_to_handle_at nanosleep newfstatat _newselect open openat openat2 pause pidfd_open
        pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64
        preadv preadv2 prlimit64 process_mrelease process_vm_readv process_vm_writev pselect6
        pselect6_time64 ptrace pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recv
        recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr rename renameat renameat2
        restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
        rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_get_priority_max
        sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
        sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam
        sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64 send
        sendfile sendfile64 sendmmsg sendmsg sendto set_robust_list set_thread_area set_tid_address setfsgid
        setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid setpriority
        setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid
        setsockopt setuid setuid32 setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4
        sigprocmask sigreturn socketcall socketpair splice stat stat64 statfs statfs64 statx symlink symlinkat
        sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun
        timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
        timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask
        uname unlink unlinkat utime utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid
        write writev
        """)

    private static let x86: [String] = ["arch_prctl", "modify_ldt"]
    private static let arm: [String] = [
        "arm_fadvise64_64", "arm_sync_file_range", "breakpoint", "cacheflush", "set_tls", "sync_file_range2",
    ]

    /// The flags of clone(2) that make namespaces.
    private static let namespaces: Int64 = 0x7E02_0000
    /// Sockets to the hypervisor (vsock(7)), which know no network namespace.
    private static let vsock: Int64 = 40
    /// What personality(2) may be set to: that of Linux, with and without the addresses of old and the 32-bit name; or asked.
    private static let personalities: [Int64] = [0, 8, 0x20000, 0x20008, 0xFFFF_FFFF]

    private static func words(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// - Parameters:
    ///   - architecture: as Go calls it, `amd64` or `arm64`; on others there is no profile.
    ///   - allows32Bit: whether programs of 32 bits run too. Without, what they call ends them: another table of system calls is
    ///     more of the kernel to be attacked, and making a filter for it takes as long as all else that runc does.
    static func json(architecture: String, allows32Bit: Bool) -> JSONValue? {
        var architectures: [JSONValue]
        let special: [String]
        switch architecture {
        case "amd64":
            (architectures, special) = (["SCMP_ARCH_X86_64"], x86)
            if allows32Bit { architectures.append("SCMP_ARCH_X86") }
        case "arm64":
            (architectures, special) = (["SCMP_ARCH_AARCH64"], arm)
            if allows32Bit { architectures.append("SCMP_ARCH_ARM") }
        default: return nil
        }
        var rules = [rule(allowed + special)]
        rules.append(rule(["socket"], [condition(0, "SCMP_CMP_NE", vsock)]))
        rules += personalities.map { rule(["personality"], [condition(0, "SCMP_CMP_EQ", $0)]) }
        rules.append(rule(["clone"], [condition(0, "SCMP_CMP_MASKED_EQ", namespaces, 0)]))
        // Its flags are in memory, where no filter looks: libraries fall back to clone when it is not there.
        let absent: JSONValue = [
            "names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38,
        ]
        rules.append(absent)
        return [
            "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": .array(architectures),
            "syscalls": .array(rules),
        ]
    }

    private static func rule(_ names: [String], _ conditions: [JSONValue] = []) -> JSONValue {
        var rule = JSONObject()
        rule["names"] = .array(names.map { .string($0) })
        rule["action"] = "SCMP_ACT_ALLOW"
        if !conditions.isEmpty { rule["args"] = .array(conditions) }
        return .object(rule)
    }

    private static func condition(
        _ argument: Int64, _ comparison: String, _ value: Int64, _ second: Int64? = nil
    ) -> JSONValue {
        var condition = JSONObject()
        condition["index"] = .integer(argument)
        condition["value"] = .integer(value)
        if let second { condition["valueTwo"] = .integer(second) }
        condition["op"] = .string(comparison)
        return .object(condition)
    }
}
