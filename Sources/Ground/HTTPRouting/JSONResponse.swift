import Documents
public import HTTPModel

extension HTTPResponse {
    /// A response of JSON bytes that are written already.
    public static func json(
        bytes: [UInt8], status: HTTPStatus = .ok, fields: HTTPFields = HTTPFields()
    ) -> HTTPResponse {
        var fields = fields
        fields.append(name: "Content-Type", value: "application/json")
        return HTTPResponse(status, fields: fields, body: .bytes(bytes))
    }

    /// A response of anything encodable.
    public static func json(
        _ value: some Encodable, status: HTTPStatus = .ok, fields: HTTPFields = HTTPFields()
    ) throws -> HTTPResponse {
        json(bytes: try JSONWriter.bytes(encoding: value), status: status, fields: fields)
    }

    /// A response of text.
    public static func text(_ text: String, status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(
            status, fields: HTTPFields(["Content-Type": "text/plain; charset=utf-8"]),
            body: .bytes(Array(text.utf8)))
    }
}
