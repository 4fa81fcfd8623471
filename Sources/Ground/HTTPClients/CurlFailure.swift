import CCurl
import Glibc

extension Transfer {
    /// What libcurl's `code` means for the one who asked.
    func describe(_ code: CURLcode) -> HTTPClientError? {
        if let failure { return failure }
        let message = reason(code)
        switch code {
        case CURLE_OK:
            return nil
        case CURLE_COULDNT_RESOLVE_HOST:
            return .couldNotResolve(host: String(request.authority.prefix { $0 != ":" }))
        case CURLE_COULDNT_RESOLVE_PROXY:
            return .couldNotConnect(to: peer, reason: message)
        case CURLE_COULDNT_CONNECT:
            let error = lastFailure.systemError
            return .couldNotConnect(to: peer, reason: error == 0 ? message : Self.text(ofSystemError: error))
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(.connecting, after: timeouts.connect, peer: peer)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_USE_SSL_FAILED, CURLE_SSL_CLIENTCERT,
            CURLE_SSL_INVALIDCERTSTATUS:
            return .tls(peer: peer, reason: message)
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE,
            CURLE_SEND_FAIL_REWIND:
            return .disconnected(from: peer, reason: message)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_TOO_MANY_REDIRECTS, CURLE_BAD_CONTENT_ENCODING:
            return .malformedResponse(from: peer, reason: message)
        case CURLE_UNSUPPORTED_PROTOCOL where isConnected:
            return .malformedResponse(from: peer, reason: message)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return .invalidRequest("the address '\(request.url)': \(message)")
        default:
            return .failed(message)
        }
    }

    /// libcurl's words for what happened here, or else for the code in general.
    private func reason(_ code: CURLcode) -> String {
        let message = lastFailure.message
        return message.isEmpty ? String(cString: curl_easy_strerror(code)) : message
    }

    /// The system's words, as they stand in the middle of a sentence: `connection refused`.
    private static func text(ofSystemError number: Int32) -> String {
        String(cString: strerror(number)).lowercased()
    }
}
