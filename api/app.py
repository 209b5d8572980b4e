"""The application: routes, errors and the place that they work in."""

from __future__ import annotations

from fastapi import FastAPI
from sqlalchemy import text

from api import credits as credit_routes
from api import entitlements, errors, invoices, receivables, usage_events
from api.access import Place
from api.description import TAGS, TEXT, DescribedApi, operation_id, unexpected
from api.envelope import Envelope
from api.models import Health
from db.unit_of_work import reading
from metering.meter_book import MeterBook
from runtime.workplace import Workplace


def create_app(place: Workplace) -> FastAPI:
    """Return the application over a database and a clock."""
    app = DescribedApi(
        title="Clausula",
        version="1",
        description=TEXT,
        openapi_tags=TAGS,
        generate_unique_id_function=operation_id,
        redirect_slashes=False,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.place = place
    app.state.meter_book = MeterBook()
    for part in (usage_events, invoices, receivables, entitlements, credit_routes):
        app.include_router(part.router)
    app.get("/healthz", tags=["service"], summary="Tell the health", responses=unexpected())(tell_health)
    errors.install(app)
    app.add_middleware(Envelope)
    return app


def tell_health(place: Place) -> Health:
    """Tell whether the service and its database answer; needs no key."""
    with reading(place.engine) as connection:
        connection.execute(text("SELECT 1"))
    return Health()
