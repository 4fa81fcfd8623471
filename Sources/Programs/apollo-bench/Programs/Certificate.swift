import Benchmarks

/// A certificate for loopback and its key, made for one case.
struct Certificate: Sendable {
    let certificate: String
    let key: String

    static func make(in workshop: Workshop) async throws -> Certificate {
        let made = Certificate(
            certificate: workshop.path("certificate.pem"), key: workshop.path("key.pem"))
        _ = try await workshop.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", made.key,
                "-out",
                made.certificate,
            ])
        return made
    }
}
