public import RPCModel
public import TaskDecisions
public import TaskRuntimes

// Programs beside attempts, as they travel.
extension ExecOrder {
    public init(_ request: ExecRequest, of place: AttemptPlace, epoch: Int64) {
        self.init(
            epoch: epoch, place: Place(place), command: request.command, takesInput: request.takesInput,
            terminal: request.terminal.map { ExecTerminal(size: WindowSize($0.size), type: $0.type) })
    }

    public func request() throws(RPCError) -> ExecRequest {
        guard let first = command.first, !first.isEmpty,
            command.allSatisfy({ !$0.utf8.contains(0) })
        else { throw WireReading.fault("command", "is no command") }
        guard let terminal else { return ExecRequest(command: command, takesInput: takesInput) }
        guard let size = terminal.size else { throw WireReading.fault("terminal", "has no size") }
        return ExecRequest(
            command: command, takesInput: takesInput,
            terminal: ExecRequest.Terminal(size: size.terminalSize, type: terminal.type))
    }
}

extension WindowSize {
    init(_ size: TerminalSize) { self.init(columns: UInt32(size.columns), rows: UInt32(size.rows)) }

    var terminalSize: TerminalSize {
        TerminalSize(columns: UInt16(clamping: columns), rows: UInt16(clamping: rows))
    }
}

extension ExecInputPiece {
    public init(_ input: ExecInput) {
        switch input {
        case .bytes(let bytes): self.init(kind: .input(bytes))
        case .end: self.init(kind: .end(Done()))
        case .resize(let size): self.init(kind: .size(WindowSize(size)))
        }
    }

    /// Nil for what is no input, or of a later version.
    public var input: ExecInput? {
        switch kind {
        case .input(let bytes): .bytes(bytes)
        case .end: .end
        case .size(let size): .resize(size.terminalSize)
        case .order, nil: nil
        }
    }
}

extension ExecNews {
    public init(_ event: ExecEvent) {
        switch event {
        case .output(.stdout, let bytes): self.init(kind: .output(bytes))
        case .output(.stderr, let bytes): self.init(kind: .errors(bytes))
        case .ended(let code, let reason): self.init(kind: .end(ExecEnd(code: code, reason: reason)))
        }
    }

    /// Nil for what is no event, or of a later version.
    public var event: ExecEvent? {
        switch kind {
        case .output(let bytes): .output(.stdout, bytes)
        case .errors(let bytes): .output(.stderr, bytes)
        case .end(let end): .ended(code: end.code, reason: end.reason)
        case .started, nil: nil
        }
    }
}
