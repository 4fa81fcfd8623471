import Concurrency
public import Core
import Documents
public import HTTPClients
public import HTTPModel

import struct HTTPRouting.ProblemDetails

/// Speaks to a platform's API for one caller: what all calls have in common, and errors as the platform tells them. The
/// clients of the systems are made of it.
public struct APIClient: Sendable {
    private let addresses: APIAddresses
    /// What calls are about unless they say otherwise.
    public let project: String
    private let token: String
    private let http: HTTPClient
    /// The fingerprint of the one authority that was trusted for this platform; nil where others said whom to trust.
    private let pin: String?

    /// How long another manager is looked for, and waited for to lead, where there are several.
    private static let patience = Duration.seconds(20)
    private static let pause = Duration.milliseconds(300)

    /// - Parameter address: where the platform answers, without a slash at the end: `http://127.0.0.1:7070`. Of several managers
    ///   all, with commas between them.
    public init(
        address: String, project: String, token: String, http: HTTPClient, pin: String? = nil
    ) {
        let all = address.split(separator: ",").map(String.init)
        self.init(
            APIAddresses(all.isEmpty ? [address] : all), project: project, token: token, http: http, pin: pin)
    }

    private init(
        _ addresses: APIAddresses, project: String, token: String, http: HTTPClient, pin: String?
    ) {
        self.pin = pin
        self.addresses = addresses
        self.project = project
        self.token = token
        self.http = http
    }

    /// The same for calls that are about no project.
    public var unscoped: APIClient {
        APIClient(addresses, project: "default", token: token, http: http, pin: pin)
    }

    /// Where the platform answered last, or is asked first.
    public var address: String { addresses.current }

    private func request(_ method: HTTPMethod, _ path: String, accept: String = "application/json")
        -> HTTPClientRequest
    {
        let separator = path.contains("?") ? "&" : "?"
        let scope = project == "default" ? "" : "\(separator)project=\(Self.escape(project))"
        return HTTPClientRequest(
            method, "/api/v1" + path + scope,
            fields: HTTPFields(["Authorization": "Bearer \(token)", "Accept": accept]))
    }

    /// Makes a call under `/api/v1` and reads its whole answer; `key` makes it safe to send again, `revision` has it change only what
    /// was seen.
    ///
    /// - Throws: ``ApolloError``, the platform's own or one that says why there is no answer.
    public func call(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, key: String? = nil,
        revision: Int64? = nil, isIdempotent: Bool? = nil
    ) async throws -> [UInt8] {
        var request = request(method, path)
        if let body {
            request.body = .bytes(body)
            request.fields["Content-Type"] = "application/json"
        }
        if let key {
            request.fields["Idempotency-Key"] = key
            request.isIdempotent = true
        }
        if let revision { request.fields["If-Match"] = "\"\(revision)\"" }
        if let isIdempotent { request.isIdempotent = isIdempotent }
        // Of several managers one may stand still: then another is asked sooner.
        request.timeouts = HTTPTimeouts(
            connect: .seconds(5), idle: .seconds(addresses.count > 1 ? 10 : 30), total: .seconds(60))
        let response = try await send(request)
        return try await answer(response, address).collect(upTo: 64 << 20)
    }

    /// All of a list, page by page.
    ///
    /// - Parameters:
    ///   - path: of the list, with its query where it has one.
    ///   - read: what a page has, and its `nextCursor`.
    public func all<Page: Decodable, Item>(
        _ path: String, limit: Int = 1000, _ read: (Page) -> (items: [Item], next: String?)
    ) async throws -> [Item] {
        let first = path + (path.contains("?") ? "&" : "?") + "limit=\(limit)"
        var items: [Item] = []
        var cursor: String?
        repeat {
            let after = cursor.map { "&cursor=\(Self.escape($0))" } ?? ""
            let page = read(try decode(try await call(.get, first + after)))
            items += page.items
            cursor = page.next
        } while cursor != nil
        return items
    }

    /// What a WebSocket takes that is asked for as this client asks.
    public struct SocketRequest: Sendable {
        public var host: String
        public var port: UInt16
        public var isSecure: Bool
        /// The path and the query.
        public var target: String
        public var fields: HTTPFields
    }

    /// How `path` under `/api/v1` is asked for as a WebSocket.
    public func socket(_ path: String) throws(ApolloError) -> SocketRequest {
        let address = address
        let isSecure = address.hasPrefix("https://")
        let rest = address.drop { $0 != "/" }.drop { $0 == "/" }
        let authority = rest.prefix { $0 != "/" }
        let base = rest.dropFirst(authority.count)
        var host = authority
        var port: UInt16? = isSecure ? 443 : 80
        if let colon = authority.lastIndex(of: ":"), authority.last != "]" {
            host = authority[..<colon]
            port = UInt16(authority[authority.index(after: colon)...])
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let port, !host.isEmpty else {
            throw ApolloError(.invalid, "'\(address)' is no address of a platform")
        }
        let request = request(.get, path)
        return SocketRequest(
            host: String(host), port: port, isSecure: isSecure,
            target: String(base) + request.url, fields: request.fields)
    }

    /// Makes a call whose answer is a stream.
    public func open(
        _ path: String, accept: String, method: HTTPMethod = .get, idle: Duration = .seconds(60)
    ) async throws -> AnswerBody {
        var request = request(method, path, accept: accept)
        // A stream may be silent for as long as its task is; the platform sends a sign of life every 15 s.
        request.timeouts = HTTPTimeouts(connect: .seconds(5), idle: idle)
        return answer(try await send(request), address)
    }

    /// Sends to the manager that leads: the others say where it is, and while none does, one is waited for.
    private func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        let clock = LiveClock()
        let expiry = clock.now.advanced(by: Self.patience)
        var hops = 0
        while true {
            let address = addresses.current
            let isLate = clock.now >= expiry
            switch await attempt(request, at: address) {
            case .success(let response):
                if response.status.rawValue == 307, let leader = leader(response, address), !isLate {
                    hops += 1
                    addresses.follow(leader)
                    if hops < 4 { continue }
                } else {
                    guard response.status.rawValue >= 400 else { return response }
                    let failure = Self.problem(
                        response.status, try await answer(response, address).collect(upTo: 1 << 20))
                    // Who stands by knows of no leader yet; who leads has a reason of its own.
                    guard response.fields[Self.standbyField] != nil, !isLate else { throw failure }
                    addresses.leave(address)
                }
            case .failure(let error):
                guard addresses.count > 1, !isLate, request.isIdempotent || error.neverArrived else {
                    throw unreachable(error, address)
                }
                addresses.leave(address)
            }
            hops = 0
            try await clock.sleep(for: Self.pause)
        }
    }

    private func attempt(
        _ request: HTTPClientRequest, at address: String
    ) async -> Result<HTTPClientResponse, HTTPClientError> {
        var request = request
        request.url = address + request.url
        if addresses.count > 1 {
            // The others are the next try, and one that stands still must not hold up for long.
            request.retry = .never
            request.timeouts?.connect = .seconds(2)
        }
        do { return .success(try await http.send(request)) } catch { return .failure(error) }
    }

    /// With it a manager says that it stands by.
    public static let standbyField = "Apollo-Standby"

    private func leader(_ response: HTTPClientResponse, _ address: String) -> String? {
        response.fields["Location"].flatMap { APIAddresses.base(of: $0, from: address) }
    }

    private func answer(_ response: HTTPClientResponse, _ address: String) -> AnswerBody {
        AnswerBody(reader: response.body, address: address)
    }

    /// What an answer of a status from 400 on says.
    public static func problem(_ status: HTTPStatus, _ body: [UInt8]) -> ApolloError {
        do {
            return try JSONReader.decode(ProblemDetails.self, from: body).error
        } catch {
            // Not ours: a proxy, or another server on this port. The status is all there is.
            let kind: ErrorKind = status.rawValue < 500 ? .invalid : .unavailable
            return ApolloError(
                ErrorKind.allCases.first { $0.httpStatus == status.rawValue } ?? kind,
                "the server answered \(status)",
                hint: "is it an Apollo platform?")
        }
    }

    private func unreachable(_ error: HTTPClientError, _ address: String) -> ApolloError {
        var failure = error.asApolloError
        if case .tls = error {
            distrust(error.trustFault, address, &failure)
        } else if failure.kind == .unavailable {
            failure.message = "no platform answers at \(address): \(failure.message)"
            failure.hint = "start one with 'apollo up', or name another with --address"
        }
        return failure
    }

    /// Says what is wrong with the platform's certificate, and what to do.
    private func distrust(_ fault: TrustFault?, _ address: String, _ failure: inout ApolloError) {
        switch fault {
        case .expired:
            failure.message = "by the clock of this machine the certificate of \(address) has expired"
            failure.hint =
                "compare the clocks of both machines; if both are right, the platform has to get a new certificate"
        case .notYetValid:
            failure.message = "by the clock of this machine the certificate of \(address) is not valid yet"
            failure.hint =
                "compare the clocks of both machines, and set the one that is wrong, such as by NTP"
        case .otherName:
            failure.hint =
                "use a name that the certificate bears, or have the platform add this one: --tls-names (http.tls.names)"
        case .unknownAuthority where pin != nil:
            failure.message =
                "\(address) shows a certificate of another authority than the one trusted at login (\(pin ?? ""))"
            failure.hint =
                "if the platform was set up anew, compare 'apollo ca show' there and log in again with --ca-fingerprint; else somebody else answers, and nothing was sent"
        case .unknownAuthority, nil:
            failure.hint =
                "name a file with the authority of its certificate with --ca-file or APOLLO_CA_FILE, or log in with 'apollo login', which asks whether to trust the platform's own"
        }
    }

    /// Reads an answer.
    public func decode<Value: Decodable>(_ bytes: [UInt8]) throws -> Value {
        do {
            return try JSONReader.decode(from: bytes)
        } catch {
            throw ApolloError(
                .corrupt, "the answer of \(address) cannot be understood: \(error)",
                hint: "is it an Apollo platform of this version?")
        }
    }

    /// `text` as a segment of a path or a value in a query.
    public static func escape(_ text: String) -> String { PercentEncoding.encode(text) }
}
