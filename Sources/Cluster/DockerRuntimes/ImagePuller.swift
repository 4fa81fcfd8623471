import ClusterModel
import Core
import HTTPClients
import HTTPModel
import TaskRuntimes

/// Gets an image into the engine, as the pull policy says.
struct ImagePuller {
    var engine: Engine
    var environment: Environment

    /// At most five reports a second.
    private static let reportInterval = Duration.milliseconds(200)

    /// The image as the engine has it then.
    func image(
        _ image: ImageReference, _ policy: PullPolicy, within time: Duration,
        _ report: @Sendable (LaunchProgress) -> Void
    ) async throws(EngineFailure) -> ImageInspection {
        if policy != .always {
            do throws(EngineFailure) { return try await engine.inspectImage(image) } catch {
                guard error.isNotFound else { throw error }
                guard policy == .missing else {
                    throw .known(
                        .rejected(
                            "image '\(image)' is not on this machine, and its pull policy is 'never'",
                            hint: "fetch it with docker pull \(image), or set the policy to 'missing'"))
                }
            }
        }
        try await pull(image, within: time, report)
        do throws(EngineFailure) { return try await engine.inspectImage(image) } catch {
            guard error.isNotFound else { throw error }
            throw .malformed("it says that it pulled '\(image)', and does not have it")
        }
    }

    private func pull(
        _ image: ImageReference, within time: Duration, _ report: @Sendable (LaunchProgress) -> Void
    ) async throws(EngineFailure) {
        var progress = PullProgress(image: image)
        report(progress.current)
        let response: HTTPClientResponse
        do throws(EngineFailure) { response = try await engine.pull(image, within: time) } catch {
            guard case .refused(_, let message) = error else { throw error }
            throw .known(PullFailure.runtimeError(message, image: image))
        }
        var lines = LineDecoder(limit: 1 << 20)
        var lastReport = environment.clock.now
        while let piece = try await next(response.body) {
            for line in try split(piece, &lines) where !line.isEmpty {
                try apply(line, to: &progress, image)
            }
            let now = environment.clock.now
            if lastReport.duration(to: now) >= Self.reportInterval {
                lastReport = now
                report(progress.current)
            }
        }
        if let line = lines.finish() { try apply(line, to: &progress, image) }
        report(progress.current)
    }

    /// The stream's status is 200 long before it fails: errors are among its lines.
    private func apply(
        _ line: [UInt8], to progress: inout PullProgress, _ image: ImageReference
    ) throws(EngineFailure) {
        // Where the fault in it lies is of no use to anyone; the line is.
        guard let message = try? PullMessage(parsing: line) else {
            throw .malformed(
                "a line of its progress is not JSON: \(String(decoding: line.prefix(200), as: UTF8.self))")
        }
        if let failure = message.errorDetail?.message ?? message.error {
            throw .known(PullFailure.runtimeError(failure, image: image))
        }
        progress.apply(message)
    }

    private func next(_ body: any HTTPBodyReader) async throws(EngineFailure) -> [UInt8]? {
        do {
            return try await body.next()
        } catch let error as HTTPClientError {
            throw .transport(error)
        } catch {
            throw .malformed("\(error)")
        }
    }

    private func split(_ piece: [UInt8], _ lines: inout LineDecoder) throws(EngineFailure) -> [[UInt8]] {
        do throws(LineDecoder.Failure) { return try lines.decode(piece) } catch {
            throw .malformed("a line of its progress is longer than a mebibyte")
        }
    }
}
