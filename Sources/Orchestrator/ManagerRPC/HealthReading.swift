import Core
import Documents

/// Reads what a health check is asked to be, as ``SpecReading`` does the rest.
enum HealthReading {
    static func document(of check: TaskSpec.HealthCheck) throws(ApolloError) -> JSONValue {
        var object = JSONObject()
        if let probe = check.http {
            var http = JSONObject()
            http.set("path", probe.path)
            http.set("port", Int64(probe.port))
            http.set("status", probe.status.map { JSONValue.integer(Int64($0)) })
            http.set("headers", probe.headers)
            object["http"] = .object(http)
        }
        if let probe = check.tcp {
            var tcp = JSONObject()
            tcp.set("port", Int64(probe.port))
            object["tcp"] = .object(tcp)
        }
        if let probe = check.exec {
            var exec = JSONObject()
            exec.set("command", probe.command)
            object["exec"] = .object(exec)
        }
        try object.set("startPeriod", check.startPeriod)
        try object.set("interval", check.interval)
        try object.set("timeout", check.timeout)
        if let retries = check.retries { object["retries"] = .integer(Int64(retries)) }
        return .object(object)
    }
}
