"""A double of CARLA's client, for tests without a simulator.

Roads, waypoints and value types are those of the installed library; servers, worlds and actors are
doubles with simple kinematics. Each call, attribute and signature is first looked up in the
installed library and in its stub, and refused if it is not there.
"""

from __future__ import annotations

from carla_double.actors import Vehicle
from carla_double.opendrive import Road, highway, network
from carla_double.server import Client, Server
from carla_double.signatures import NotInClient

__all__ = ["Client", "NotInClient", "Road", "Server", "Vehicle", "highway", "network"]
