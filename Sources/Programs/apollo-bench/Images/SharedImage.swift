import ImageModel
import Synchronization

/// The image that is measured now.
final class SharedImage: Sendable {
    private let image = Mutex<ImageDescriptor?>(nil)

    var value: ImageDescriptor? { image.withLock(\.self) }

    /// Puts another in its place, and returns it.
    func take(_ new: ImageDescriptor) -> ImageDescriptor? {
        image.withLock { image in
            defer { image = new }
            return image
        }
    }
}
