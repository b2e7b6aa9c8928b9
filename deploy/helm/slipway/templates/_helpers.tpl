{{- define "slipway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "slipway.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "slipway.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "slipway.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "slipway.selectorLabels" -}}
app.kubernetes.io/name: {{ include "slipway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "slipway.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "slipway.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "slipway.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "slipway.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The server's configuration file: what this chart's values say, and the settings. */}}
{{- define "slipway.config" -}}
{{- $own := dict
  "drainDelayMs" (mul 1000 .Values.drain.delaySeconds)
  "drainTimeoutMs" (mul 1000 .Values.drain.timeoutSeconds)
  "targetSaturation" .Values.autoscaling.targetSaturation
}}
{{- if .Values.grpc.enabled }}
{{- $_ := set $own "grpcPort" 9000 }}
{{- end }}
{{- if .Values.keys.secret }}
{{- $_ := set $own "keys" "/etc/slipway-keys/keys.json" }}
{{- end }}
{{- if .Values.tls.secret }}
{{- $_ := mustMerge $own (dict "tlsCert" "/etc/slipway-tls/tls.crt" "tlsKey" "/etc/slipway-tls/tls.key") }}
{{- if .Values.tls.clientCa }}
{{- $_ := set $own "tlsClientCa" "/etc/slipway-tls/ca.crt" }}
{{- end }}
{{- end }}
{{- if .Values.management.enabled }}
{{- $_ := set $own "managementPort" 8081 }}
{{- end }}
{{- /* Prometheus comes from another host; the settings may say otherwise. */}}
{{- $usual := dict "metricsAccess" true }}
{{- mustMergeOverwrite $usual .Values.settings $own | mustToPrettyJson }}
{{- end }}

{{/* Where probes and Prometheus ask. */}}
{{- define "slipway.operatorsPort" -}}
{{- ternary "management" "http" .Values.management.enabled }}
{{- end }}

{{- define "slipway.scheme" -}}
{{- ternary "https" "http" (ne .Values.tls.secret "") }}
{{- end }}

{{/* The service by which Prometheus finds the pods. */}}
{{- define "slipway.scrapedService" -}}
{{- if .Values.management.enabled }}
{{- printf "%s-management" (include "slipway.fullname" . | trunc 52 | trimSuffix "-") }}
{{- else }}
{{- include "slipway.fullname" . }}
{{- end }}
{{- end }}

{{- define "slipway.probe" -}}
httpGet: { path: {{ .path }}, port: {{ include "slipway.operatorsPort" .root }}{{ if .root.Values.tls.secret }}, scheme: HTTPS{{ end }} }
{{- end }}

{{/* Up at once, down after the load has been less for a while. */}}
{{- define "slipway.scalingBehavior" -}}
scaleUp: { stabilizationWindowSeconds: 0 }
scaleDown: { stabilizationWindowSeconds: {{ .Values.autoscaling.scaleDownStabilizationSeconds }} }
{{- end }}
