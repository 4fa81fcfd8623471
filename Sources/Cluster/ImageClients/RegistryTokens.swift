import Documents
import HTTPClients
import HTTPModel
import ImageModel

/// Tokens, as registries have clients fetch them (Docker's documentation, "Token Authentication Specification").
extension RegistryClient {
    /// A token for the request, and for how many seconds it is good.
    func token(
        _ challenge: AuthenticationChallenge, _ request: RegistryRequest, _ host: RegistryHost,
        _ credential: RegistryCredential?
    ) async throws(RegistryClientError) -> (text: String, seconds: Int64) {
        guard let realm = challenge.parameters["realm"] else {
            throw .malformed("\(host) does not say where its tokens are")
        }
        guard realm.hasPrefix("https://") || isPlain(host) && realm.hasPrefix("http://") else {
            throw .malformed("\(host) has its tokens at '\(realm)', which is not safe")
        }
        var query: [(String, String)] = []
        if let service = challenge.parameters["service"] { query.append(("service", service)) }
        query.append(("scope", challenge.parameters["scope"] ?? request.scope))
        let text = query.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        var fields = HTTPFields()
        if let credential { fields["Authorization"] = credential.basic }
        let response = try await deliver(
            HTTPClientRequest(.get, realm + (realm.contains("?") ? "&" : "?") + text, fields: fields))
        guard response.status == .ok else {
            let who = credential.map { "'\($0.name)'" } ?? "strangers"
            throw response.status.rawValue < 500
                ? .denied("\(host) gives \(who) no token for \(request.subject)")
                : .unavailable("\(realm) answers \(response.status.rawValue)")
        }
        let bytes = try await Self.collect(response.body, limit: 1 << 20, "a token")
        // What it says instead may be secret.
        guard let document = try? JSONReader().read(bytes),
            let token = document["token"]?.string ?? document["access_token"]?.string,
            !token.isEmpty, token.utf8.allSatisfy({ (33...126).contains($0) })
        else { throw .malformed("\(realm) gives no token") }
        // 60 s where nothing is said; a little less, for the way.
        let seconds = document["expires_in"]?.integer ?? 60
        return (token, min(max(0, seconds - 10), 3600))
    }

    static func collect(
        _ body: any HTTPBodyReader, limit: Int, _ what: String
    ) async throws(RegistryClientError) -> [UInt8] {
        do {
            return try await body.collect(upTo: limit)
        } catch let error as HTTPClientError {
            throw .of(error)
        } catch is HTTPBodyError {
            throw .malformed("\(what) is longer than \(limit) bytes")
        } catch {
            throw .unavailable("\(error)")
        }
    }
}
