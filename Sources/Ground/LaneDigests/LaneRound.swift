import CDigests

/// One round: some bytes of each work, all of them beside each other.
enum LaneRound {
    /// Of each work. Few, so that what comes meanwhile is not kept waiting; enough for the lanes to be worth filling.
    static let bytes = 64 << 10

    /// Moves each of `works`, no more than 8, on by up to ``bytes``.
    static func run(_ works: inout [LaneWork], width: Int) {
        var lanes: [cdigests_lane] = []
        gather(&works, &lanes, width: width)
    }

    /// Each work's bytes stay where they are until the last one's are there, too: one call within the other.
    private static func gather(_ works: inout [LaneWork], _ lanes: inout [cdigests_lane], width: Int) {
        let index = lanes.count
        guard index < works.count else { return cdigests_md5(&lanes, lanes.count, width) }
        let work = works[index]
        work.bytes.withUnsafeBytes { bytes in
            let (start, words) = work.stream.withState { state in
                (work.isBegun ? work.offset : state.begin(bytes), state.words)
            }
            let whole = (bytes.count - start) / MD5State.blockBytes * MD5State.blockBytes
            let end = start + min(whole, Self.bytes)
            lanes.append(cdigests_lane(words, bytes, start..<end))
            gather(&works, &lanes, width: width)
            let isLast = end == start + whole
            work.stream.withState { state in
                state.words = lanes[index].state
                if isLast { state.end(UnsafeRawBufferPointer(rebasing: bytes[end...])) }
            }
            works[index].offset = isLast ? bytes.count : end
            works[index].isBegun = true
        }
    }
}
