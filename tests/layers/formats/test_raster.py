"""People of a raster are kept: cells within whole, cells at the border by their share of area."""

from __future__ import annotations

import contextlib
import json

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from analysis.model.errors import SourceError
from layers.formats.raster import Within, read_raster
from layers.load import load_city
from layers.sources.opened import Opened
from tests.layers.toy import HEAD, SQUARE, write_communities

UTM = CRS.from_epsg(32650)
WEST, NORTH, SIDE = 440_000.0, 4_420_000.0, 100.0


def geotiff(values, *, crs=UTM, west=WEST, north=NORTH, side=SIDE, nodata=None, scale=1.0, **more):
    bands = np.atleast_3d(values.T).T
    profile = {
        "driver": "GTiff", "count": len(bands), "height": bands.shape[1], "width": bands.shape[2],
        "dtype": bands.dtype, "crs": crs and crs.to_wkt(), "nodata": nodata,
        "transform": from_origin(west, north, side, side), "compress": "deflate",
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**(profile | more)) as raster:
            raster.write(bands)
            raster.scales = (scale,) * len(bands)
        return memory.read()


def read(data, area, *, crs=UTM, columns=()):
    opened = Opened("city.toml, layer 2 (residents)", "pop.tif", data, "")
    return read_raster(opened, within=Within(np.array([area]), crs), columns=columns)


def people(table, band="band1"):
    return table.rows[band].astype(float).sum()


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    corners=st.tuples(*[st.floats(-300, 1500) for _ in range(2)], *[st.floats(20, 900)] * 2),
    nodata=st.sampled_from([None, -99999.0]),
    scale=st.sampled_from([1.0, 0.5]),
)
def test_the_sum_is_that_of_the_shares_of_cells(seed, corners, nodata, scale):
    rng = np.random.default_rng(seed)
    values = np.where(rng.random((9, 12)) < 0.3, 0, rng.random((9, 12)) * 40).astype("float32")
    hidden = rng.random((9, 12)) < 0.2
    if nodata is not None:
        values[hidden] = nodata
    left, below, width, height = corners
    west, north = WEST + left, NORTH - below
    area = shapely.box(west, north - height, west + width, north)
    # overlap of two intervals, axis by axis: no geometry is asked
    x, y = WEST + SIDE * np.arange(12), NORTH - SIDE * np.arange(9)
    across = np.clip(np.minimum(x + SIDE, west + width) - np.maximum(x, west), 0, None)
    down = np.clip(np.minimum(y, north) - np.maximum(y - SIDE, north - height), 0, None)
    shares = np.outer(down, across) / SIDE**2
    counted = np.where(hidden, 0, values) if nodata is not None else values
    data = geotiff(values, nodata=nodata, scale=scale)
    if shares.sum() == 0:
        with contextlib.suppress(SourceError):
            assert len(read(data, area).rows) == 0
        return
    table = read(data, area)
    assert people(table) == pytest.approx((counted * scale * shares).sum(), abs=1e-4)
    assert all(area.buffer(1e-6).covers(point) for point in table.geometry)


def test_degrees_are_cut_in_their_own_system():
    """A raster in degrees, a city in metres: half of one cell."""
    values = np.full((4, 4), 8, dtype="int32")
    data = geotiff(values, crs=CRS.from_epsg(4326), west=116.0, north=40.0, side=0.01)
    carry = Transformer.from_crs(4326, UTM, always_xy=True).transform
    corners = [carry(x, y) for x, y in shapely.box(116.01, 39.98, 116.02, 39.985).exterior.coords]
    table = read(data, shapely.Polygon(corners))
    assert people(table) == pytest.approx(4, abs=0.01)
    assert table.crs.to_epsg() == 4326


def test_rows_may_run_to_the_north():
    values = np.arange(12, dtype="int32").reshape(4, 3)
    upward = rasterio.Affine(SIDE, 0, WEST, 0, SIDE, NORTH - 4 * SIDE)
    area = shapely.box(WEST + SIDE / 2, NORTH - 3.5 * SIDE, WEST + 2 * SIDE, NORTH - SIDE)
    plain, turned = (read(data, area) for data in (
        geotiff(values), geotiff(values[::-1], transform=upward)
    ))  # fmt: skip
    assert people(turned) == pytest.approx(people(plain))
    assert {*map(shapely.to_wkt, turned.geometry)} == {*map(shapely.to_wkt, plain.geometry)}


def test_bands_are_named_and_large_rasters_are_read_by_windows():
    values = np.stack([np.full((4000, 4000), n, dtype="uint8") for n in (1, 2)])
    data = geotiff(values, tiled=True)
    area = shapely.box(WEST + 1000, NORTH - 1200, WEST + 1300, NORTH - 1000)
    assert people(read(data, area, columns={"band2"}), "band2") == pytest.approx(12)
    with pytest.raises(SourceError, match="band1, band2"):
        read(data, area, columns={"people"})


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"II*\0" + bytes(100), "file_broken"),
        (b"PK\x03\x04", "format_mismatch"),
        (geotiff(np.ones((2, 2), dtype="uint8"), crs=None), "raster_nowhere"),
        (geotiff(np.ones((2, 2), dtype="uint8"), west=0), "raster_elsewhere"),
        (
            geotiff(
                np.ones((2, 2), dtype="uint8"),
                transform=rasterio.Affine.rotation(30) * rasterio.Affine.scale(100, -100),
            ),
            "raster_turned",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_that_cannot_be_placed_is_refused(data, problem):
    with pytest.raises(SourceError) as caught:
        read(data, shapely.box(WEST, NORTH - 500, WEST + 500, NORTH))
    assert (caught.value.problem, bool(caught.value.hint)) == (problem, True)


def test_a_city_has_the_people_of_its_raster(tmp_path):
    write_communities(tmp_path)
    values = np.zeros((40, 40), dtype="float32")
    values[10:30, 10:30] = 1.125  # three decimals, which a text could mean as thousands
    carry = Transformer.from_crs(4326, UTM, always_xy=True).transform
    west, north = carry(*SQUARE.centroid.coords[0])
    (tmp_path / "pop.tif").write_bytes(geotiff(values, west=west - 2000, north=north + 2000))
    layer = '[[layers]]\nkind = "residents"\nfile = "pop.tif"\ncolumns = { band1 = "population" }\n'
    (tmp_path / "city.toml").write_text(HEAD + layer)
    city = load_city(tmp_path, city_data=tmp_path / "no")
    assert city.residents["population"].sum() == pytest.approx(400 * 1.125)
    report = city.reports[-1]
    assert report.rows_in == report.loaded == 400
    (tmp_path / "city.toml").write_text(
        HEAD + layer.replace("residents", "toilet").replace("population", "stalls")
    )
    with pytest.raises(SourceError) as caught:
        load_city(tmp_path, city_data=tmp_path / "no")
    assert caught.value.problem == "raster_kind"
    assert json.dumps(caught.value.facts["found"]) == '"toilet"'
