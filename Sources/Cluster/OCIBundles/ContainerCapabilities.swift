/// What is left of root's powers in a container (capabilities(7)).
enum ContainerCapabilities {
    /// Those that a container of an engine keeps here too, for the same reasons: images that begin as root give files away
    /// (CHOWN, DAC_OVERRIDE, FOWNER, FSETID), change the user (SETUID, SETGID), end what they started (KILL) and serve a port below
    /// 1024 (NET_BIND_SERVICE). No device is made, no packet forged, nothing mounted, no power handed on.
    static let kept = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE",
        "CAP_SETGID", "CAP_SETUID",
    ]
}
