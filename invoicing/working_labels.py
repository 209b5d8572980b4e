"""The working of a line in Spanish and Portuguese: how each language prints the steps of ``rating.working``.

A step that a language does not know is printed in English, never left out.
"""

from __future__ import annotations

from types import MappingProxyType

from rating.working import ENGLISH, Catalog

SPANISH_WORKING = Catalog(
    MappingProxyType(
        {
            **ENGLISH.templates,
            "quantity": "cantidad: {result:number}",
            "rated_before": "{result:number} tarificados antes",
            "allowance": "incluidos: {included:number} de {quantity:number}",
            "index": "factor de índice {result} ({index} {first_month} a {last_month}, {percent:signed} %)",
            "price_change": "precio nuevo desde {since}: {percent:signed} % ({clause})",
            "index_published": "factor de índice {result} ({index} {first_month} a {last_month}, "
            "{percent:signed} % según se publicó)",
            "index_substitute": "{result} en lugar de {substituted}, que no está publicado para esos meses",
            "index_carried": "la baja de años anteriores reduce este: x {result}",
            "factor": "precios x {result}",
            "units": "{quantity:number} x {unit_price:money} = {result:money}",
            "tier": "tramo {first:number} a {up_to:number}: "
            "{quantity:number} x {unit_price:money} = {result:money}",
            "tier_flat": "tramo {first:number} a {up_to:number}: importe fijo {result:money}",
            "last_tier": "tramo desde {first:number}: "
            "{quantity:number} x {unit_price:money} = {result:money}",
            "last_tier_flat": "tramo desde {first:number}: importe fijo {result:money}",
            "less_rated_before": "menos el precio de {quantity:number}: {result:money}",
            "one_package": "1 paquete de {size:number} x {price:money} = {result:money}",
            "package": "{packages:number} paquetes de {size:number} x {price:money} = {result:money}",
            "days": "{days} de {of_days} días",
            "stopped": "detenido: {days} de {of_days} días [{clause}]",
            "uncounted": "usado en días detenidos, sin contar: {result:number}",
            "share": "{share} del periodo: {result:money}",
            "rounding": "redondeo, la mitad hacia arriba: {exact:amount} -> {result:money}",
            "amount": "importe: {result:money}",
            "already_billed": "ya facturado: {quantity:number} por {amount:money}; "
            "el resto es {result:money}",
            "percent_discount": "{name}: {percent:number} % de {base:money} son {off:money}; "
            "quedan {result:money} [{clause}]",
            "amount_discount": "{name}: {off:money} menos; quedan {result:money} [{clause}]",
            "coupon": "cupón {name}: {off:money} menos; quedan {result:money} [{clause}]",
            "credits": "pagado con créditos {name}: {off:money} (quedan {rest:money} de ellos); "
            "a pagar {result:money} [{clause}]",
            "reduction_back": "{off:money} de ello vuelven a {given_by}: {result:money}",
            "true_up": "{committed:money} acordados, {counted:money} consumidos: faltan {result:money}",
            "true_up_before": "facturado antes: {amount:money}; el resto es {result:money}",
            "estimate": "estimado por adelantado, según lo acordado: {result:money}",
            "estimate_by": "estimado por adelantado: {result:money}, "
            "por los {before:money} del periodo anterior",
            "settled": "el uso está facturado; vuelven {amount:money} estimados por adelantado",
            "tax": "{tax} {percent:number} % de {net:money} = {result:money}",
            "net_of_taxes": "{gross:money} incluye impuestos de {percent:number} %: neto {result:money}",
            "tax_included": "{tax} {percent:number} % incluido: {result:money}",
            "in_time": "{principal:money} con vencimiento {due_on}: a tiempo el {until}",
            "late": "{principal:money} con vencimiento {due_on}: {days:number} días de atraso el {until}",
            "index_month": "{index} {month}: {result:signed} % por {days} de {of_days} días",
            "index_unpublished": "{index} se conoce hasta {result}; los meses siguientes aún no cuentan",
            "index_floor": "{index} bajó en esos meses, factor {result:number}: sin corrección",
            "corrected": "corregido: {principal:money} x {factor:number} = {result:money}",
            "interest_part": "{percent:number} % al mes x {months} meses sobre {base:money} = {result:money}",
            "correction": "corrección monetaria: {exact:amount} -> {result:money} ({clause})",
            "interest": "interés: {exact:amount} -> {result:money} ({clause})",
            "fine": "multa de {percent:number} % sobre {base:money} = {result:money} ({clause})",
        }
    )
)

PORTUGUESE_WORKING = Catalog(
    MappingProxyType(
        {
            **ENGLISH.templates,
            "quantity": "quantidade: {result:number}",
            "rated_before": "{result:number} já tarifados antes",
            "allowance": "incluídos: {included:number} de {quantity:number}",
            "index": "fator do índice {result} ({index} {first_month} a {last_month}, {percent:signed} %)",
            "price_change": "preço novo desde {since}: {percent:signed} % ({clause})",
            "index_published": "fator do índice {result} ({index} {first_month} a {last_month}, "
            "{percent:signed} % como publicado)",
            "index_substitute": "{result} no lugar de {substituted}, que não foi publicado para esses meses",
            "index_carried": "a queda de anos anteriores reduz este: x {result}",
            "factor": "preços x {result}",
            "units": "{quantity:number} x {unit_price:money} = {result:money}",
            "tier": "faixa {first:number} a {up_to:number}: "
            "{quantity:number} x {unit_price:money} = {result:money}",
            "tier_flat": "faixa {first:number} a {up_to:number}: valor fixo {result:money}",
            "last_tier": "faixa a partir de {first:number}: "
            "{quantity:number} x {unit_price:money} = {result:money}",
            "last_tier_flat": "faixa a partir de {first:number}: valor fixo {result:money}",
            "less_rated_before": "menos o preço de {quantity:number}: {result:money}",
            "one_package": "1 pacote de {size:number} x {price:money} = {result:money}",
            "package": "{packages:number} pacotes de {size:number} x {price:money} = {result:money}",
            "days": "{days} de {of_days} dias",
            "stopped": "parado: {days} de {of_days} dias [{clause}]",
            "uncounted": "usado em dias parados, sem contar: {result:number}",
            "share": "{share} do período: {result:money}",
            "rounding": "arredondamento, metade para cima: {exact:amount} -> {result:money}",
            "amount": "valor: {result:money}",
            "already_billed": "já faturado: {quantity:number} por {amount:money}; "
            "o restante é {result:money}",
            "percent_discount": "{name}: {percent:number} % de {base:money} são {off:money}; "
            "restam {result:money} [{clause}]",
            "amount_discount": "{name}: {off:money} a menos; restam {result:money} [{clause}]",
            "coupon": "cupom {name}: {off:money} a menos; restam {result:money} [{clause}]",
            "credits": "pago com créditos {name}: {off:money} (restam {rest:money} deles); "
            "a pagar {result:money} [{clause}]",
            "reduction_back": "{off:money} disso voltam a {given_by}: {result:money}",
            "true_up": "{committed:money} acordados, {counted:money} consumidos: faltam {result:money}",
            "true_up_before": "faturado antes: {amount:money}; o restante é {result:money}",
            "estimate": "estimado adiantado, como acordado: {result:money}",
            "estimate_by": "estimado adiantado por {before:money} do período anterior: {result:money}",
            "settled": "o uso está faturado; voltam {amount:money} estimados adiantados",
            "tax": "{tax} {percent:number} % de {net:money} = {result:money}",
            "net_of_taxes": "{gross:money} inclui impostos de {percent:number} %: líquido {result:money}",
            "tax_included": "{tax} {percent:number} % incluído: {result:money}",
            "in_time": "{principal:money} com vencimento em {due_on}: em dia em {until}",
            "late": "{principal:money} com vencimento em {due_on}: {days:number} dias de atraso em {until}",
            "index_month": "{index} {month}: {result:signed} % por {days} de {of_days} dias",
            "index_unpublished": "{index} é conhecido até {result}; os meses seguintes ainda não contam",
            "index_floor": "{index} caiu nesses meses, fator {result:number}: sem correção",
            "corrected": "corrigido: {principal:money} x {factor:number} = {result:money}",
            "interest_part": "{percent:number} % ao mês x {months} meses sobre {base:money} = {result:money}",
            "correction": "correção monetária: {exact:amount} -> {result:money} ({clause})",
            "interest": "juros: {exact:amount} -> {result:money} ({clause})",
            "fine": "multa de {percent:number} % sobre {base:money} = {result:money} ({clause})",
        }
    ),
    group=".",
    point=",",
)
