import Configuration
import Core
import Machines
import Telemetry

/// How this machine's GPUs are looked at, as it was set.
enum GPUSettings {
    static func watch(
        _ configuration: ResolvedConfiguration, clock: any MonotonicClock, _ logger: Logger
    ) throws -> GPUWatch {
        let interval = configuration[PlatformSettings.nodeGPUsPoll]
        guard (.milliseconds(200) ... .seconds(3600)).contains(interval) else {
            throw ApolloError(
                .invalid, "node.gpus.poll is \(interval.short), and may be 0.2 s to an hour",
                hint: "leave it out for 10 s")
        }
        return GPUWatch(interval: interval, clock: clock, note: { logger.warning($0) })
    }
}
