import CApollo
import Core
import Glibc
import TaskRuntimes

/// One program's pipes or terminal, moved a step at a time.
struct ExecRelay {
    private var program: ExecStarter.Started
    private let main: Descriptor
    private var phase = Phase.running
    private var pending: [UInt8] = []
    private var inputEnds = false
    /// What waits for room at those who read.
    var event: ExecEvent?

    private enum Phase {
        case running
        /// It was asked to end, and is killed when so many turns of ``tick`` have passed.
        case ending(turns: Int)
        /// It has ended; so much more of what it left in its pipes is read.
        case ended(ExecEvent, rest: Int)
        case done
    }

    /// How long one that was asked to end has, in turns of the poll's time.
    private static let tick: Int32 = 100
    private static let turns = 50
    /// What pipes may hold (fcntl(2), F_SETPIPE_SZ); more is of one who goes on writing.
    private static let most = 1 << 20

    init(_ program: ExecStarter.Started, main: Descriptor) {
        self.program = program
        self.main = main
    }

    /// Nothing is left to do or to be told.
    var isDone: Bool {
        if case .done = phase { return event == nil }
        return false
    }

    var wantsInput: Bool { pending.isEmpty && !inputEnds }

    mutating func take(_ batch: [ExecInput]) {
        for input in batch {
            switch input {
            case .bytes(let bytes): if program.input != nil, !inputEnds { pending += bytes }
            case .end: endInput()
            case .resize: break  // Comes by a way of its own.
            }
        }
        feed()
    }

    private mutating func endInput() {
        guard !inputEnds else { return }
        // On a terminal the end is something that is typed: Ctrl-D (termios(3), VEOF).
        if program.terminal != nil { pending.append(4) }
        inputEnds = true
    }

    func resize(to size: TerminalSize) {
        // What has ended has no size; nobody minds.
        if let terminal = program.terminal {
            capollo_set_terminal_size(terminal.number, size.columns, size.rows)
        }
    }

    /// Asks the program to end, as when a terminal hangs up.
    mutating func hangUp() {
        switch phase {
        case .running:
            phase = .ending(turns: Self.turns)
            signal(SIGHUP)
            // One that is stopped would not hear it.
            signal(SIGCONT)
            letGo()
        case .ended: phase = .done
        case .ending, .done: break
        }
    }

    /// Its group, and that of the program which it runs in the attempt, if it does: first that one, which is its child and cannot
    /// be another's number while it lives.
    private func signal(_ number: Int32) {
        if let inner = program.pidFile.flatMap(ControlFile.read).flatMap({ Int32($0) }), inner > 1 {
            kill(-inner, number)
        }
        kill(-program.pid, number)
    }

    private mutating func letGo() {
        (program.input, program.terminal, program.outputs) = (nil, nil, [])
        pending = []
    }

    /// Waits for something to do, and does it.
    mutating func step(_ bell: Descriptor, _ buffer: inout [UInt8]) {
        if isDone { return }
        var timeout: Int32 = -1
        var files = [pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0)]
        switch phase {
        case .running:
            files.append(pollfd(fd: program.watch.number, events: Int16(POLLIN), revents: 0))
            files.append(pollfd(fd: main.number, events: Int16(POLLIN), revents: 0))
        case .ending:
            files.append(pollfd(fd: program.watch.number, events: Int16(POLLIN), revents: 0))
            timeout = Self.tick
        case .ended: timeout = event == nil ? 0 : -1
        case .done: break
        }
        let outputsAt = files.count
        if event == nil {
            for output in program.outputs {
                files.append(pollfd(fd: output.file.number, events: Int16(POLLIN), revents: 0))
            }
        }
        let inputAt = files.count
        if let input = program.input, !pending.isEmpty {
            files.append(pollfd(fd: input.number, events: Int16(POLLOUT), revents: 0))
        }
        let count = poll(&files, nfds_t(files.count), timeout)
        if files[0].revents != 0 { ring(bell, &buffer) }
        if inputAt < files.count, files[inputAt].revents != 0 { feed() }
        for index in outputsAt..<inputAt where files[index].revents != 0 && event == nil {
            read(files[index].fd, &buffer)
        }
        advance(hasEnded: outputsAt > 1 && files[1].revents != 0, isQuiet: count == 0)
        if case .running = phase, outputsAt > 2, files[2].revents != 0 {
            // The attempt has ended, and takes what runs beside it along.
            signal(SIGKILL)
            phase = .ending(turns: Self.turns)
        }
    }

    private func ring(_ bell: Descriptor, _ buffer: inout [UInt8]) {
        while Glibc.read(bell.number, &buffer, buffer.count) == buffer.count {}
    }

    private mutating func advance(hasEnded: Bool, isQuiet: Bool) {
        switch phase {
        case .running, .ending:
            if hasEnded { return reap() }
            guard case .ending(let turns) = phase, isQuiet else { return }
            if turns <= 1 { signal(SIGKILL) }
            phase = .ending(turns: max(1, turns - 1))
        case .ended(let last, let rest):
            guard event == nil, isQuiet || rest <= 0 || program.outputs.isEmpty else { return }
            event = last
            phase = .done
        case .done: break
        }
    }

    private mutating func reap() {
        var status: Int32 = 0
        guard waitpid(program.pid, &status, WNOHANG) == program.pid else { return }
        // What it left in its group goes with it, as when a terminal is closed.
        kill(-program.pid, SIGHUP)
        let signal = status & 0x7f
        let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        let reason = signal == 0 ? "exit code \(code)" : "killed by \(SignalName.of(signal))"
        (program.input, pending) = (nil, [])
        phase = .ended(.ended(code: code, reason: reason), rest: Self.most)
    }

    /// Gives the program what it takes.
    private mutating func feed() {
        guard let input = program.input else { return pending = [] }
        while !pending.isEmpty {
            let count = retryingInterrupts {
                pending.withUnsafeBytes { write(input.number, $0.baseAddress, $0.count) }
            }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else {
                // It reads no more.
                (program.input, pending) = (nil, [])
                return
            }
            pending.removeFirst(count)
        }
        if inputEnds, program.terminal == nil { program.input = nil }
    }

    private mutating func read(_ file: Int32, _ buffer: inout [UInt8]) {
        guard let at = program.outputs.firstIndex(where: { $0.file.number == file }) else { return }
        let count = retryingInterrupts { Glibc.read(file, &buffer, buffer.count) }
        if count < 0, errno == EAGAIN { return }
        guard count > 0 else {
            // The end; of a terminal that nobody has open any more it is EIO.
            program.outputs.remove(at: at)
            return
        }
        event = .output(program.outputs[at].stream, Array(buffer[..<count]))
        if case .ended(let last, let rest) = phase { phase = .ended(last, rest: rest - count) }
    }
}
