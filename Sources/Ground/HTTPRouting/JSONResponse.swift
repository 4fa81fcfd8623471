import Documents
public import HTTPModel

extension HTTPResponse {
    /// A response of JSON bytes that are written already.
    public static func json(
        _ status: HTTPStatus = .ok, bytes: [UInt8], fields: HTTPFields = HTTPFields()
    ) -> HTTPResponse {
        var fields = fields
        fields.append(name: "Content-Type", value: "application/json")
        return HTTPResponse(status, fields: fields, body: .bytes(bytes))
    }

    /// A response of anything encodable.
    public static func json(
        _ status: HTTPStatus = .ok, _ value: some Encodable, fields: HTTPFields = HTTPFields()
    ) throws -> HTTPResponse {
        json(status, bytes: try JSONWriter.bytes(encoding: value), fields: fields)
    }

    /// A response of text.
    public static func text(_ status: HTTPStatus = .ok, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status, fields: HTTPFields(["Content-Type": "text/plain; charset=utf-8"]),
            body: .bytes(Array(text.utf8)))
    }
}
