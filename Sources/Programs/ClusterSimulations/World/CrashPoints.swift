/// Where a manager may be crashed in the middle of things: at the n-th time it comes by.
struct CrashPoints {
    enum Point: CaseIterable { case decided, committed, acknowledged, sent, jobsStored }

    private var armed: (point: Point, left: Int)?

    mutating func arm(_ point: Point, in passes: Int) { armed = (point, passes) }

    /// Whether to crash here.
    mutating func passes(_ point: Point) -> Bool {
        guard var armed, armed.point == point else { return false }
        armed.left -= 1
        guard armed.left > 0 else {
            self.armed = nil
            return true
        }
        self.armed = armed
        return false
    }
}
