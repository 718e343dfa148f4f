"use strict";
{% include "tables.js" %}

{% include "formulas.js" %}

{% include "drawing.js" %}
{% if explorer %}

{% include "explorer.js" %}
{% endif %}
