import Certificates
import Configuration
import Core

/// Where the server's certificate comes from, as the settings have it.
enum TLSPlan: Hashable, Sendable {
    /// Plain HTTP.
    case off
    case files(certificates: String, key: String)
    /// One of the platform's own authority, with the names that were set; nil for those the machine has.
    case own([AlternativeName]?)

    init(_ configuration: ResolvedConfiguration) throws(ApolloError) {
        let (certificates, key) = (
            configuration[PlatformSettings.tlsCertificate], configuration[PlatformSettings.tlsKey]
        )
        let names = try configuration[PlatformSettings.tlsNames].map(ServerNames.parse)
        let mode = configuration[PlatformSettings.tlsMode]
        switch (certificates, key) {
        case (_?, nil):
            throw ApolloError(.invalid, "http.tls.certificate needs http.tls.key", hint: "give both, or none")
        case (nil, _?):
            throw ApolloError(.invalid, "http.tls.key needs http.tls.certificate", hint: "give both, or none")
        case (let certificates?, let key?):
            guard mode ?? .files == .files else {
                throw ApolloError(
                    .invalid, "http.tls.mode is \(mode?.rawValue ?? ""), and http.tls.certificate is set",
                    hint: "leave one of them out: certificate and key belong to the mode files")
            }
            self = .files(certificates: certificates, key: key)
        case (nil, nil):
            switch mode ?? .off {
            case .off: self = .off
            case .own: self = .own(names)
            case .files:
                throw ApolloError(
                    .invalid, "http.tls.mode is files, and no files are named",
                    hint: "set http.tls.certificate and http.tls.key, or the mode own")
            }
        }
        guard names == nil || mode == .own else {
            throw ApolloError(
                .invalid, "http.tls.names is set, and no certificate is to be made of it",
                hint: "it belongs to http.tls.mode own")
        }
    }
}
