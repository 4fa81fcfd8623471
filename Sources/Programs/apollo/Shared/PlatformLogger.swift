import Configuration
import Core
import Telemetry

extension Logger {
    /// The log of a service, as the settings have it.
    init(_ configuration: ResolvedConfiguration, environment: Environment, sink: some LogSink) {
        let style = configuration[PlatformSettings.logFormat]
        let level = LogLevel(parsing: configuration[PlatformSettings.logLevel].rawValue) ?? .info
        let isTerminal = FileDescriptorLogSink.standardError.isTerminal
        let format: LogFormat = style == .json ? LogFormat(.json) : LogFormat(.human(colour: isTerminal))
        self.init(level: level, format: format, clock: environment.wallClock, sink: sink)
    }
}
