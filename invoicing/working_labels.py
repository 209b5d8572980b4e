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
            "phase": "precios acordados desde {result}",
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
            "pool": "bolsa de {pool:number}: {drawn:number} usados por otros, quedan {result:number}",
            "rolled_over": "{result:number} traspasados del periodo anterior",
            "stair": "escalón hasta {up_to:number}: {result:money}",
            "last_stair": "escalón de más de {above:number}: {result:money}",
            "percent_of": "{percent:number} % de {base:money} = {result:money}",
            "percent_tier": "tramo de más de {above:money} a {up_to:money}: "
            "{percent:number} % de {base:money} = {result:money}",
            "last_percent_tier": "tramo de más de {above:money}: "
            "{percent:number} % de {base:money} = {result:money}",
            "percent_tier_flat": "tramo de más de {above:money}: importe fijo {result:money}",
            "free_transactions": "gratis: {result:money}, "
            "{free:number} de {transactions:number} operaciones por entero",
            "fixed_parts": "parte fija por operación: {count:number} x {each:money} = {result:money}",
            "raised": "{count:number} elevadas al mínimo de {least:money} cada una: +{result:money}",
            "lowered": "{count:number} reducidas al máximo de {most:money} cada una: {result:money}",
            "combination": "{values}: {quantity:number} x {unit_price:money} = {result:money}",
            "combination_unlisted": "{values}, al precio por defecto: "
            "{quantity:number} x {unit_price:money} = {result:money}",
            "minimum_share": "mínimo de {amount:money} por {share} del periodo: {result:money}",
            "maximum_share": "máximo de {amount:money} por {share} del periodo: {result:money}",
            "minimum": "el periodo debe al menos {bound:money}: {result:money}",
            "minimum_beside": "el periodo debe al menos {bound:money}, "
            "{spent:money} en líneas anteriores: {result:money}",
            "maximum": "el periodo debe como máximo {bound:money}: {result:money}",
            "maximum_beside": "el periodo debe como máximo {bound:money}, "
            "{spent:money} en líneas anteriores: {result:money}",
            "days": "{days} de {of_days} días",
            "seconds": "{seconds:number} de {of_seconds:number} segundos",
            "mean_level": "{held:number} en {days} días, en promedio {result:number}",
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
            "tax_on_gross": "{tax} {percent:number} % de {gross:money}, incluido él mismo, = "
            "{result:money} ({clause})",
            "tax_shared": "{tax} {percent:number} % de las líneas del documento, parte de esta: "
            "{result:money} ({clause})",
            "tax_exempt": "{tax}: exento, {reason} ({clause})",
            "tax_withheld": "{tax} {percent:number} % de {base:money} retenido por el cliente: "
            "{result:money}",
            "tax_change": "los impuestos dentro del precio cambiaron hasta {since}: "
            "{percent:signed} % ({clause})",
            "in_time": "{principal:money} con vencimiento {due_on}: a tiempo el {until}",
            "late": "{principal:money} con vencimiento {due_on}: {days:number} días de atraso el {until}",
            "index_month": "{index} {month}: {result:signed} % por {days} de {of_days} días",
            "index_unpublished": "{index} se conoce hasta {result}; los meses siguientes aún no cuentan",
            "index_month_floor": "{index} {month} bajó y cuenta como {result:number} %",
            "index_floor": "{index} bajó en esos meses, factor {result:number}: sin corrección",
            "corrected": "corregido: {principal:money} x {factor:number} = {result:money}",
            "interest_part": "{percent:number} % al mes x {months} meses sobre {base:money} = {result:money}",
            "correction": "corrección monetaria: {exact:amount} -> {result:money} ({clause})",
            "interest": "interés: {exact:amount} -> {result:money} ({clause})",
            "fine": "multa de {percent:number} % sobre {base:money} = {result:money} ({clause})",
            "span_fee": "{charge}, del {start} al {last_day}: {result:money}",
            "penalty_share": "{percent:number} % de {base:money} = {result:money} ({clause})",
            "discount_given": "{charge}, del {start} al {last_day}: {listed:money} de lista menos "
            "{agreed:money} pactados = {result:money}",
            "clawback": "descuento que se cobra de nuevo: {result:money} ({clause})",
            "average_use": "{used:money} de consumo en {months} meses: {result:money} al mes",
            "penalty_times": "{times} veces {average:money} = {result:money} ({clause})",
            "cost_stated": "costo declarado: {result:money} ({clause})",
            "sla_outage": "interrupción: {result:number} horas; {excluded:number} horas no cuentan",
            "sla_availability": "({hours:number} - {outage:number}) de {hours:number} horas = "
            "{result:number} %; prometido: {target:number} % ({clause})",
            "sla_credit": "menos de {below:number} %: {percent:number} % de {fee:money} = {result:money} "
            "({clause})",
            "sla_limit": "los créditos de un mes no pasan de sus cuotas, {fee:money}: quedan {result:money}",
            "late_cap": "tope de multa e interés: {percent:number} % de {base:money} = {result:money} "
            "({clause})",
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
            "phase": "preços acordados a partir de {result}",
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
            "pool": "franquia comum de {pool:number}: {drawn:number} usados por outros, "
            "restam {result:number}",
            "rolled_over": "{result:number} transferidos do período anterior",
            "stair": "degrau até {up_to:number}: {result:money}",
            "last_stair": "degrau acima de {above:number}: {result:money}",
            "percent_of": "{percent:number} % de {base:money} = {result:money}",
            "percent_tier": "faixa acima de {above:money} até {up_to:money}: "
            "{percent:number} % de {base:money} = {result:money}",
            "last_percent_tier": "faixa acima de {above:money}: "
            "{percent:number} % de {base:money} = {result:money}",
            "percent_tier_flat": "faixa acima de {above:money}: valor fixo {result:money}",
            "free_transactions": "grátis: {result:money}, "
            "{free:number} de {transactions:number} transações por inteiro",
            "fixed_parts": "parte fixa por transação: {count:number} x {each:money} = {result:money}",
            "raised": "{count:number} elevadas ao mínimo de {least:money} cada: +{result:money}",
            "lowered": "{count:number} reduzidas ao máximo de {most:money} cada: {result:money}",
            "combination": "{values}: {quantity:number} x {unit_price:money} = {result:money}",
            "combination_unlisted": "{values}, ao preço padrão: "
            "{quantity:number} x {unit_price:money} = {result:money}",
            "minimum_share": "mínimo de {amount:money} por {share} do período: {result:money}",
            "maximum_share": "máximo de {amount:money} por {share} do período: {result:money}",
            "minimum": "o período deve no mínimo {bound:money}: {result:money}",
            "minimum_beside": "o período deve no mínimo {bound:money}, "
            "{spent:money} em linhas anteriores: {result:money}",
            "maximum": "o período deve no máximo {bound:money}: {result:money}",
            "maximum_beside": "o período deve no máximo {bound:money}, "
            "{spent:money} em linhas anteriores: {result:money}",
            "days": "{days} de {of_days} dias",
            "seconds": "{seconds:number} de {of_seconds:number} segundos",
            "mean_level": "{held:number} em {days} dias, em média {result:number}",
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
            "tax_on_gross": "{tax} {percent:number} % de {gross:money}, por dentro, = "
            "{result:money} ({clause})",
            "tax_shared": "{tax} {percent:number} % das linhas do documento, parte desta: "
            "{result:money} ({clause})",
            "tax_exempt": "{tax}: isento, {reason} ({clause})",
            "tax_withheld": "{tax} {percent:number} % de {base:money} retido pelo cliente: {result:money}",
            "tax_change": "os impostos dentro do preço mudaram até {since}: {percent:signed} % ({clause})",
            "in_time": "{principal:money} com vencimento em {due_on}: em dia em {until}",
            "late": "{principal:money} com vencimento em {due_on}: {days:number} dias de atraso em {until}",
            "index_month": "{index} {month}: {result:signed} % por {days} de {of_days} dias",
            "index_unpublished": "{index} é conhecido até {result}; os meses seguintes ainda não contam",
            "index_month_floor": "{index} {month} caiu e conta como {result:number} %",
            "index_floor": "{index} caiu nesses meses, fator {result:number}: sem correção",
            "corrected": "corrigido: {principal:money} x {factor:number} = {result:money}",
            "interest_part": "{percent:number} % ao mês x {months} meses sobre {base:money} = {result:money}",
            "correction": "correção monetária: {exact:amount} -> {result:money} ({clause})",
            "interest": "juros: {exact:amount} -> {result:money} ({clause})",
            "fine": "multa de {percent:number} % sobre {base:money} = {result:money} ({clause})",
            "span_fee": "{charge}, de {start} a {last_day}: {result:money}",
            "penalty_share": "{percent:number} % de {base:money} = {result:money} ({clause})",
            "discount_given": "{charge}, de {start} a {last_day}: {listed:money} de tabela menos "
            "{agreed:money} acordados = {result:money}",
            "clawback": "desconto cobrado de volta: {result:money} ({clause})",
            "average_use": "{used:money} de consumo em {months} meses: {result:money} por mês",
            "penalty_times": "{times} vezes {average:money} = {result:money} ({clause})",
            "cost_stated": "custo declarado: {result:money} ({clause})",
            "sla_outage": "interrupção: {result:number} horas; {excluded:number} horas não contam",
            "sla_availability": "({hours:number} - {outage:number}) de {hours:number} horas = "
            "{result:number} %; prometido: {target:number} % ({clause})",
            "sla_credit": "abaixo de {below:number} %: {percent:number} % de {fee:money} = {result:money} "
            "({clause})",
            "sla_limit": "os créditos de um mês não passam de suas taxas, {fee:money}: restam {result:money}",
            "late_cap": "teto de multa e juros: {percent:number} % de {base:money} = {result:money} "
            "({clause})",
        }
    ),
    group=".",
    point=",",
)
