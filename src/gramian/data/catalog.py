"""The image data sets: their files, checksums, authors, licences and public mirrors.

Checksums are of the unpacked files: the same content packed twice differs.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["IMAGE_SETS", "PARTS", "ImageFile", "ImageSet"]


@dataclass(frozen=True)
class ImageFile:
    """One IDX file: packed name, unpacked size in bytes and unpacked SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class ImageSet:
    """A data set of four IDX files, in the order of :data:`PARTS`."""

    name: str
    description: str
    target_names: tuple[str, ...]
    licence: str
    source: str
    files: tuple[ImageFile, ...]
    mirrors: tuple[str, ...] = ()

    @property
    def shipped(self) -> bool:
        """Whether the files come inside the package."""
        return not self.mirrors


PARTS = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
_COMPLETE = (47_040_016, 60_008, 7_840_016, 10_008)
_SMALL = (4_704_016, 6_008, 1_568_016, 2_008)

_CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
_DIGITS = tuple("0123456789")
_FASHION_LICENCE = "MIT, copyright 2017 Zalando SE"
_FASHION_SOURCE = (
    "H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking "
    "Machine Learning Algorithms, 2017, arXiv:1708.07747"
)
_MNIST_LICENCE = "CC BY-SA 3.0"
_MNIST_SOURCE = (
    "Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits, 1998"
)


def _files(sizes: tuple[int, ...], *sums: str) -> tuple[ImageFile, ...]:
    return tuple(ImageFile(*row) for row in zip(PARTS, sizes, sums, strict=True))


IMAGE_SETS = {
    image_set.name: image_set
    for image_set in (
        ImageSet(
            "small-fashion",
            "Fashion-MNIST, the first 600 train and 200 test images of each class",
            _CLOTHES,
            _FASHION_LICENCE,
            _FASHION_SOURCE,
            _files(
                _SMALL,
                "cf313073c7eb485392848071d5c433571d7166043e971e3345b095cc30518084",
                "097b93fbcf9bd5bc648b1a457ddc55c9e4ab49afb33f9ecae8ce068399a75e3a",
                "15a92dd1e9b16ea361928086e77df4dfa890c255c00b5a8c8162c1040ce8eef1",
                "234596aeb6eb48133ec99a62541f90bc0728c9559a681f1e0638037462458f2c",
            ),
        ),
        ImageSet(
            "small-mnist",
            "MNIST, the first 600 train and 200 test images of each digit",
            _DIGITS,
            _MNIST_LICENCE,
            _MNIST_SOURCE,
            _files(
                _SMALL,
                "5e70119ad8ca01350c1b2fd3f58eb4c0617afdc0fa8945a3d63e6a33daeba69d",
                "ff4542eef991f0408428561f51d3e426698657dd02a35148555c89a37d2df31b",
                "780e99a56e963f3affe4791a03545a6ddbdc0904dd880c7f3c50753282177303",
                "b547e409b08f1d55c77b7f0964dfb27202f97c41c014d9427a3acecfcf6a7129",
            ),
        ),
        ImageSet(
            "fashion-mnist",
            "Fashion-MNIST: 60 000 train and 10 000 test images of clothes, 28 x 28, ten classes",
            _CLOTHES,
            _FASHION_LICENCE,
            _FASHION_SOURCE,
            _files(
                _COMPLETE,
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
            mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",),
        ),
        ImageSet(
            "mnist",
            "MNIST: 60 000 train and 10 000 test images of handwritten digits, 28 x 28",
            _DIGITS,
            _MNIST_LICENCE,
            _MNIST_SOURCE,
            _files(
                _COMPLETE,
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
            mirrors=(
                "https://ossci-datasets.s3.amazonaws.com/mnist",
                "https://storage.googleapis.com/cvdf-datasets/mnist",
            ),
        ),
    )
}
