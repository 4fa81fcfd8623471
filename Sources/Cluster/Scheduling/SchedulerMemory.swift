// What the scheduler forgets of classes, so that what it remembers of them has a bound.
extension Scheduler {
    /// Lets classes that were not asked for longest forget what they found, until there is room for one more.
    mutating func makeRoomForIndex() {
        while indexed + table.count > entryLimit {
            var oldest: Int?
            for index in classes.indices where classes[index]?.index != nil {
                if oldest == nil || classes[index]!.usedAt < classes[oldest!]!.usedAt { oldest = index }
            }
            guard let oldest else { return }
            indexed -= classes[oldest]!.index!.entryCount
            classes[oldest]!.index = nil
            if classes[oldest]!.placed == 0 { forget(Int32(oldest)) }
        }
    }

    /// How many classes it knows, with and without tasks.
    public var classCount: Int { classes.count - freeClasses.count }

    /// Forgets the classes that have no task: for whoever keeps no ``ClassNumber`` of such.
    public mutating func forgetIdle() {
        for index in classes.indices {
            guard let idle = classes[index], idle.placed == 0 else { continue }
            indexed -= idle.index?.entryCount ?? 0
            forget(Int32(index))
        }
    }

    mutating func forget(_ number: Int32) {
        guard let askClass = classes[Int(number)] else { return }
        if let group = askClass.spreadGroup {
            groups[Int(group)].spreads.remove(number)
            leave(group)
        }
        if let group = askClass.apartGroup { leave(group) }
        views.leave(askClass.view)
        classOf[askClass.ask] = nil
        classes[Int(number)] = nil
        freeClasses.append(number)
    }
}
