import Engine
import HTTPTypes
import Hummingbird
import NIOCore

extension HTTPFields {
    /// Headers of answers with personal data or secrets.
    static let privateJSON: HTTPFields = [
        .contentType: "application/json", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
    ]
    /// Headers of answers that are the same for everybody for a while.
    static let sharedJSON: HTTPFields = [
        .contentType: "application/json", .cacheControl: "public, max-age=300", .xContentTypeOptions: "nosniff",
    ]
    static let privateEmpty: HTTPFields = [.cacheControl: "no-store", .xContentTypeOptions: "nosniff"]
}

extension Response {
    /// An answer in JSON; with a tag also its `ETag`.
    static func json(
        _ status: HTTPResponse.Status = .ok,
        headers: HTTPFields = .privateJSON,
        tag: EntityTagValue? = nil,
        capacityBytes: Int = 512,
        _ write: (inout JSONWriter) -> Void
    ) -> Response {
        var writer = JSONWriter(capacityBytes: capacityBytes)
        write(&writer)
        return json(status, headers: headers, tag: tag, body: writer.buffer)
    }

    /// JSON that is ready.
    static func json(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = .privateJSON, tag: EntityTagValue? = nil, body: ByteBuffer
    ) -> Response {
        var headers = headers
        if let tag { headers.append(HTTPField(name: .eTag, value: EntityTag.text(tag))) }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// RFC 9110, 15.4.5: the client has this version.
    static func notModified(_ tag: EntityTagValue) -> Response {
        var headers = HTTPFields.privateEmpty
        headers.append(HTTPField(name: .eTag, value: EntityTag.text(tag)))
        return Response(status: .notModified, headers: headers)
    }

    static var noContent: Response { Response(status: .noContent, headers: .privateEmpty) }
}

extension KeptAnswer {
    static let accepted = KeptAnswer(status: 202, contentType: "application/json", body: Array(#"{"status":"accepted"}"#.utf8))
    static let rejectedForConsent = KeptAnswer(
        status: 202, contentType: "application/json", body: Array(#"{"status":"rejected","reason":"consent"}"#.utf8))
    static let emptyObject = KeptAnswer(status: 200, contentType: "application/json", body: Array("{}".utf8))

    var response: Response {
        var headers = HTTPFields.privateEmpty
        headers.append(HTTPField(name: .contentType, value: contentType))
        return Response(
            status: HTTPResponse.Status(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
