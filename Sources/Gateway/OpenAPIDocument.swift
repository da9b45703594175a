/// The description of the HTTP surface (OpenAPI 3.1), as it is built in.
package enum OpenAPIDocument {
    package static var yaml: [UInt8] { PackageResources.openapi_yaml }
}
