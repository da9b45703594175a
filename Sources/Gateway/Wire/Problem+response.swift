import Engine
import Hummingbird
package import NIOCore

extension Problem {
    static let contentType = "application/problem+json"

    private static let baseHeaders: HTTPFields = [
        .contentType: contentType, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
    ]

    /// The document; `about:blank` means that the status says what kind of problem it is.
    package var document: ByteBuffer {
        var writer = JSONWriter(capacityBytes: 256)
        writer.object { problem in
            problem.member("type", "about:blank")
            problem.member("title", status.reasonPhrase)
            problem.member("status", status.code)
            problem.member("detail", detail)
            if isForTracking {
                problem.member("code", status.reasonPhrase.lowercased().replacing(" ", with: "_"))
                problem.member("message", detail)
            }
            guard !violations.isEmpty else { return }
            problem.member("errors", of: violations) { writer, violation in
                writer.object {
                    $0.member("pointer", violation.pointer)
                    $0.member("detail", violation.detail)
                }
            }
        }
        return writer.buffer
    }

    /// What may be kept for an `Idempotency-Key`.
    var answer: KeptAnswer {
        KeptAnswer(status: status.code, contentType: Self.contentType, body: Array(document.readableBytesView))
    }

    var response: Response {
        Response(status: status, headers: Self.baseHeaders + headers, body: ResponseBody(byteBuffer: document))
    }
}
