/// The one version: of the executable, of the API description and of the client package, which a test compares with this.
package enum ProductVersion {
    package static let text = "1.0.0"
}
