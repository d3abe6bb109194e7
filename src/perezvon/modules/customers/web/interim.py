from django.http import HttpRequest, HttpResponse

from perezvon.foundation.web.guard import needs


@needs("interactions.view")
def nothing(request: HttpRequest, customer_id: object = None) -> HttpResponse:
    return HttpResponse(status=404)
