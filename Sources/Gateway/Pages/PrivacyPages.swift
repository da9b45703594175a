import Engine
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Requests, consents, receipts and the log, and what an operator does for a person.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/privacy` | a session |
/// | GET | `/privacy/log` | a session |
/// | GET | `/privacy/receipts/{receiptId}`, `/privacy/receipts/{receiptId}/receipt.json` | a session |
/// | POST | `/privacy/verify` | a session |
/// | POST | `/privacy/users` | a session |
/// | POST | `/privacy/erase` | a session |
///
/// Ids of persons are sent in forms, so that they stand in no address.
struct PrivacyPages {
    let engine: AttuneEngine

    func add(to routes: some RouterMethods<OperatorContext>) {
        routes.group("privacy")
            .get(use: overview)
            .get("log", use: log)
            .get("receipts/{receiptId}", use: receipt)
            .get("receipts/{receiptId}/receipt.json", use: receiptFile)
            .post("verify", use: verify)
            .post("users", use: act)
            .post("erase", use: erase)
    }

    // MARK: Seeing

    private func overview(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let query = QueryParameters(request.uri.query)
        return try await overviewPage(context, query, notice: PrivacyNotice(done: try query.text("done")))
    }

    private func overviewPage(
        _ context: OperatorContext, _ query: QueryParameters, notice: PrivacyNotice?, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let scope = context.scope
        let showsAll = try query.text("requests") == "all"
        let cursor = try query.text("cursor").flatMap { $0.isEmpty ? nil : $0 }
        let requests = try await engine.requests.page(scope, limit: PrivacyModel.requestsShown, cursor: cursor, openOnly: !showsAll)
        let size = try await engine.audit.size(scope)
        let shown = min(size, UInt64(PrivacyModel.entriesShown))
        let entries = try await engine.audit.page(scope, limit: PrivacyModel.entriesShown, cursor: String(size - shown))
        let model = PrivacyModel(
            requests: requests, showsAll: showsAll, isFirst: cursor == nil, consents: try await engine.users.consentSample(scope),
            users: try engine.users.count(scope), entries: entries, notice: notice, formToken: try context.session.formToken())
        return try page("privacy", model, "Privacy", context, status: status)
    }

    private func log(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let size = try await engine.audit.size(context.scope)
        let text = try QueryParameters(request.uri.query).text("before")
        let before = min(text.flatMap { UInt64($0) } ?? size, size)
        let count = min(before, UInt64(PrivacyLogModel.entriesPerPage))
        let page = try await engine.audit.page(context.scope, limit: max(1, Int(count)), cursor: String(before - count))
        let model = PrivacyLogModel(page, size: size, from: before - count, count: Int(count))
        return try self.page("privacylog", model, "Audit log", context)
    }

    private func receipt(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let receipt = try await engine.audit.receipt(context.scope, id: context.receiptID)
        let download = "/privacy/receipts/\(receipt.id)/receipt.json"
        guard let model = CenterReceiptModel(receipt, keys: engine.publicURL.text, download: download, isOperators: true) else {
            throw Problem(.internalServerError, "The receipt cannot be shown.")
        }
        return try page("centerreceipt", model, "Receipt", context)
    }

    private func receiptFile(_ request: Request, _ context: OperatorContext) async throws -> Response {
        var response = try Response.encoded(try await engine.audit.receipt(context.scope, id: context.receiptID))
        response.headers[.contentDisposition] = "attachment; filename=\"receipt.json\""
        return response
    }

    // MARK: Doing

    private func verify(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let form = try await PageForm(request, of: context.session)
        let text = try form.text("receipt") ?? ""
        let notice: PrivacyNotice
        if let receipt = try? JSONDecoder().decode(Receipt.self, from: Data(text.utf8)) {
            notice = try await engine.audit.isValid(context.scope, receipt) ? .validReceipt(receipt.id) : .invalidReceipt
        } else {
            notice = .noReceipt
        }
        return try await overviewPage(context, QueryParameters(nil), notice: notice, status: notice.isBad ? .unprocessableContent : .ok)
    }

    private func act(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let form = try await PageForm(request, of: context.session)
        let id = try UserID(try form.exactText("userId"))
        let scope = context.scope
        switch try form.text("action") {
        case "export-json", "export-csv":
            let format: ExportFormat = try form.text("action") == "export-csv" ? .csv : .json
            let user = try scope.authorize(.exportUser, for: .user(id))
            return .download(try await engine.exports.export(scope, user, format: format), as: format, name: "export.\(format.rawValue)")
        case "restrict", "lift":
            let isRestricted = try form.text("action") == "restrict"
            let user = try scope.authorize(.restrictUser, for: .user(id))
            _ = try await engine.restrictions.restrict(scope, user, isRestricted)
            return .seeOther("/privacy?done=\(isRestricted ? "restricted" : "lifted")")
        case "erase":
            return try await confirmation(of: id, context)
        default:
            throw EngineError.invalid("/action", "must be export-json, export-csv, restrict, lift or erase")
        }
    }

    private func erase(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let form = try await PageForm(request, of: context.session)
        let id = try UserID(try form.exactText("userId"))
        let user = try context.scope.authorize(.eraseUser, for: .user(id))
        // Most often the id was mistyped: whoever asked would get a receipt while their data stays.
        if try form.text("force") != "true", try await !engine.erasures.isWorthErasing(context.scope, user) {
            return try await confirmation(of: id, context, status: .conflict)
        }
        let receipt = try await engine.erasures.erase(context.scope, user)
        return .seeOther("/privacy/receipts/\(receipt.id)")
    }

    /// Shows what is held under an id, and asks whether it is to be erased.
    private func confirmation(
        of id: UserID, _ context: OperatorContext, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let user = try context.scope.authorize(.eraseUser, for: .user(id))
        let summary = try await engine.erasures.summary(context.scope, user)
        let model = PrivacyConfirmModel(
            userID: id.text, summary, now: context.scope.now, formToken: try context.session.formToken())
        return try page("privacyconfirm", model, "Erase a person?", context, status: status)
    }

    private func page(
        _ template: String, _ model: some Sendable, _ title: String, _ context: OperatorContext, status: HTTPResponse.Status = .ok
    ) throws -> Response {
        try PageLibrary.shared.page(
            template, model, in: PageFrame(title: title, place: "/privacy", session: context.session), status: status)
    }
}

extension OperatorContext {
    fileprivate var receiptID: String { coreContext.parameters["receiptId"].map { String($0) } ?? "" }
}
