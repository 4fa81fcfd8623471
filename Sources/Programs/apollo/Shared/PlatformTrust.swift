import APIClients
import AuthorityClients
import AuthorityMessages
import Certificates
import Core
import Cryptography
import HTTPClients
import HTTPModel

/// What a platform says of its own authorities to somebody who does not trust it yet.
enum PlatformTrust {
    /// Whether the certificate of `address` is believed, as far as authorities go.
    static func isTrusted(_ address: String, authorities: String?) async throws -> Bool {
        let http = HTTPClient(
            HTTPClientConfiguration(
                tls: HTTPClientTLS(authorityFile: authorities), maximumIdleConnections: 1))
        do throws(HTTPClientError) {
            _ = try await http.send(
                HTTPClientRequest(
                    .get, address + "/healthz",
                    timeouts: HTTPTimeouts(connect: .seconds(5), idle: .seconds(10), total: .seconds(20)),
                    retry: .never))
            await http.close()
            return true
        } catch {
            await http.close()
            // What else is wrong is told by whoever really asks something.
            return error.trustFault != .unknownAuthority
        }
    }

    /// The authorities of `address` by its own words alone: to be held against a fingerprint. Nothing is sent.
    static func claimed(_ address: String) async throws -> [Certificate] {
        var tls = HTTPClientTLS()
        tls.verifiesPeer = false
        return try await authorities(address, tls)
    }

    /// The authorities of `address`, which is believed by those in the file.
    static func vouched(_ address: String, by file: String) async throws -> [Certificate] {
        try await authorities(address, HTTPClientTLS(authorityFile: file))
    }

    private static func authorities(_ address: String, _ tls: HTTPClientTLS) async throws -> [Certificate] {
        let http = HTTPClient(HTTPClientConfiguration(tls: tls, maximumIdleConnections: 1))
        let api = AuthorityClient(APIClient(address: address, project: "default", token: "none", http: http))
        do {
            let bundle = try await api.authorities()
            await http.close()
            return try certificates(bundle)
        } catch {
            await http.close()
            throw error
        }
    }

    /// The certificates count, not what the platform says of them.
    static func certificates(_ bundle: TrustBundle) throws -> [Certificate] {
        try NodeJoinCommand.made { () throws(CertificateError) in
            var all: [Certificate] = []
            for item in bundle.items {
                if let first = try Certificate.chain(pem: Array(item.certificate.utf8)).first {
                    all.append(first)
                }
            }
            return all
        }
    }

    static func pem(_ certificates: [Certificate]) throws -> String {
        try NodeJoinCommand.made { () throws(CertificateError) in
            var text = ""
            for certificate in certificates { text += try certificate.pem() }
            return text
        }
    }

    /// Reads a fingerprint as `apollo ca show` or `openssl x509 -fingerprint -sha256` print it; nil for anything else.
    static func fingerprint(_ text: String) -> SHA256Digest? {
        let bare = text.split(separator: "=").last ?? ""
        return SHA256Digest(hex: bare.filter { $0 != ":" && $0 != " " }.lowercased())
    }
}
