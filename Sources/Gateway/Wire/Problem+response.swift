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
            if isForOpenDSR { openDSRError(&problem) }
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

    /// OpenDSR 2.0, 7.6. Says nothing of who is meant.
    private func openDSRError(_ writer: inout JSONWriter) {
        let domain = violations.isEmpty ? "Request" : "Validation"
        let reason = status.reasonPhrase
        let messages = violations.isEmpty ? [detail] : violations.map { "\($0.pointer.dropFirst()) \($0.detail)" }
        writer.key("error")
        writer.object { error in
            error.member("code", status.code)
            error.member("message", messages[0])
            error.member("errors", of: messages) { writer, message in
                writer.object {
                    $0.member("domain", domain)
                    $0.member("reason", reason)
                    $0.member("message", message)
                }
            }
        }
    }

    /// What may be kept for an `Idempotency-Key`.
    var answer: KeptAnswer {
        KeptAnswer(status: status.code, contentType: Self.contentType, body: Array(document.readableBytesView))
    }

    var response: Response {
        Response(status: status, headers: Self.baseHeaders + headers, body: ResponseBody(byteBuffer: document))
    }
}
