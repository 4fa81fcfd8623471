import Concurrency
import Core

/// What every ``TaskRuntime`` promises, one clause each. Give all of them to a parametrised test:
///
///     @Test(arguments: ContractClause.allCases)
///     func `keeps the contract`(_ clause: ContractClause) async throws {
///         try await clause.check(subject)
///     }
public enum ContractClause: String, CaseIterable, Sendable, CustomStringConvertible {
    case isAvailable = "the runtime says that it can be used, and its version"
    case exitCodes = "exit codes come back as they are"
    case deadlySignal = "death by a signal is 128 plus its number"
    case waiters = "several waiters, early and late, hear of one end"
    case cancelledWait = "a cancelled wait ends at once and the attempt runs on"
    case startTwice = "starting an attempt again returns the same"
    case missingCommand = "a command that is not there is rejected and leaves nothing"
    case arguments = "arguments arrive as they are"
    case environment = "environment and working directory arrive"
    case unknownAttempts = "an attempt nobody started is unknown"
    case manyAtOnce = "many attempts at once do not mix"
    case politeStop = "a stop asks politely and returns at the end"
    case forcedStop = "what ignores the polite signal is killed after the grace"
    case stopAfterEnd = "stopping what has ended changes nothing"
    case removal = "what runs is not removed, what ended is forgotten"
    case outputStreams = "both streams arrive complete and in order, binary bytes too"
    case largeOutput = "ten megabytes of output arrive whole"
    case followedOutput = "following gives output as it comes, until the end"
    case closedReader = "a closed reader is at its end"
    case cancelledReader = "a cancelled reader ends at once"
    case outputTail = "a tail gives the last lines"
    case outputSince = "since gives what came later"
    case adoption = "a new instance finds what runs and what ended meanwhile"
    case memoryLimit = "going over the memory limit is said"
    case disk = "what an attempt writes is measured, found after a restart, and gone with its end"
    case ports = "a port is given and said again after a restart"
    case mounts = "a mounted directory is seen, and read-only is kept"
    case usage = "usage is there while it runs and gone after"
    case execSurroundings = "a program beside an attempt has its variables and directory, and an exit code"
    case execInput = "a program beside an attempt is given input, and its end"
    case execOutput = "ten megabytes of a program beside an attempt arrive whole"
    case execTerminal = "a program on a terminal has its size, learns of a new one, and is interrupted"
    case execEndsWithAttempt = "a program beside an attempt ends with it"
    case execClosed = "a program beside an attempt ends with its session"
    case execRefusals = "a program that is not there is refused, and one beside nothing"
    case commandEnds = "a command beside an attempt comes to an exit code and the last line it wrote"
    case commandTimesOut = "a command beside an attempt that takes too long is ended"

    public var description: String { rawValue }

    /// Whether a subject can show this clause at all.
    public func applies(to abilities: ContractSubject.Abilities) -> Bool {
        switch self {
        case .deadlySignal: abilities.contains(.selfSignal)
        case .memoryLimit: abilities.contains(.memoryLimit)
        case .ports: abilities.contains(.ports)
        case .mounts: abilities.contains(.mounts)
        default: true
        }
    }

    /// Checks the clause against a fresh runtime of `subject` within a minute, and cleans up. Throws
    /// ``ContractViolation``, or what the runtime threw. Returns at once when the subject cannot show it.
    public func check(_ subject: ContractSubject) async throws {
        guard applies(to: subject.abilities) else { return }
        let run = try await ContractRun(subject)
        do {
            try await withDeadline(.seconds(60), clock: subject.environment.clock, of: "'\(rawValue)'") {
                try await check(run)
            }
        } catch {
            // The clause's own failure is what counts; a failed clean-up after it is most often its consequence.
            try? await run.cleanUp()
            throw error
        }
        try await run.cleanUp()
    }

    private func check(_ run: ContractRun) async throws {
        switch self {
        case .isAvailable: try await run.checkAvailability()
        case .exitCodes: try await run.checkExitCodes()
        case .deadlySignal: try await run.checkDeadlySignal()
        case .waiters: try await run.checkWaiters()
        case .cancelledWait: try await run.checkCancelledWait()
        case .startTwice: try await run.checkStartTwice()
        case .missingCommand: try await run.checkMissingCommand()
        case .arguments: try await run.checkArguments()
        case .environment: try await run.checkEnvironment()
        case .unknownAttempts: try await run.checkUnknownAttempts()
        case .manyAtOnce: try await run.checkManyAtOnce()
        case .politeStop: try await run.checkPoliteStop()
        case .forcedStop: try await run.checkForcedStop()
        case .stopAfterEnd: try await run.checkStopAfterEnd()
        case .removal: try await run.checkRemoval()
        case .outputStreams: try await run.checkOutputStreams()
        case .largeOutput: try await run.checkLargeOutput()
        case .followedOutput: try await run.checkFollowedOutput()
        case .closedReader: try await run.checkClosedReader()
        case .cancelledReader: try await run.checkCancelledReader()
        case .outputTail: try await run.checkOutputTail()
        case .outputSince: try await run.checkOutputSince()
        case .adoption: try await run.checkAdoption()
        case .memoryLimit: try await run.checkMemoryLimit()
        case .disk: try await run.checkDisk()
        case .ports: try await run.checkPorts()
        case .mounts: try await run.checkMounts()
        case .usage: try await run.checkUsage()
        case .execSurroundings: try await run.checkExecSurroundings()
        case .execInput: try await run.checkExecInput()
        case .execOutput: try await run.checkExecOutput()
        case .execTerminal: try await run.checkExecTerminal()
        case .execEndsWithAttempt: try await run.checkExecEndsWithAttempt()
        case .execClosed: try await run.checkExecClosed()
        case .execRefusals: try await run.checkExecRefusals()
        case .commandEnds: try await run.checkCommandEnds()
        case .commandTimesOut: try await run.checkCommandTimesOut()
        }
    }
}
