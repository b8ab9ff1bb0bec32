{{- define "recorder.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "recorder.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "recorder.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "recorder.selector" -}}
app.kubernetes.io/name: {{ include "recorder.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "recorder.labels" -}}
{{ include "recorder.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tapeloop
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "recorder.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}

{{- define "recorder.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "recorder.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "recorder.secret" -}}
{{- default (include "recorder.fullname" .) .Values.secret.existing -}}
{{- end -}}

{{- define "recorder.claim" -}}
{{- default (include "recorder.fullname" .) .Values.storage.existingClaim -}}
{{- end -}}

{{/* What the restricted level of pod security asks of a pod, and of a container. */}}
{{- define "recorder.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}
{{- define "recorder.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* Flags that every mode has. */}}
{{- define "recorder.flags" -}}
- --tape
- /tape
- --admin
- 0.0.0.0:{{ .Values.ports.admin }}
- --name
- {{ include "recorder.fullname" . }}
- --segment-size
- {{ .Values.tape.segmentSize }}
- --segment-age
- {{ .Values.tape.segmentAge }}
- --max-tape-size
- {{ .Values.tape.maxSize }}
- --retention
- {{ .Values.tape.retention }}
- --drain-delay
- {{ .Values.drain.delaySeconds }}s
- --drain-timeout
- {{ .Values.drain.timeoutSeconds }}s
{{- if .Values.redactionRules }}
- --redaction-rules
- /etc/tapeloop/redaction-rules.yaml
{{- end }}
{{- with .Values.clusterName }}
- --cluster
- {{ . | quote }}
{{- end }}
{{- end -}}

{{/* Where it runs, for each Exchange, and what must not be seen in a list of processes. */}}
{{- define "recorder.env" -}}
- name: TAPELOOP_REDACTION_KEY
  valueFrom: { secretKeyRef: { name: {{ include "recorder.secret" . }}, key: redaction-key } }
- name: TAPELOOP_ADMIN_TOKEN
  valueFrom: { secretKeyRef: { name: {{ include "recorder.secret" . }}, key: admin-token } }
- name: TAPELOOP_NAMESPACE
  valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
- name: TAPELOOP_WORKLOAD
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- name: TAPELOOP_NODE
  valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
{{- end -}}

{{/* Sources of an AuthorizationPolicy. Each list is a source of its own: one of them is enough. */}}
{{- define "recorder.sources" -}}
{{- with .who.namespaces }}
- source: { namespaces: {{ toJson . }} }
{{- end }}
{{- with .who.principals }}
- source: { principals: {{ toJson . }} }
{{- end }}
{{- if and .otherwise (not .who.namespaces) (not .who.principals) }}
- source: { principals: {{ toJson .otherwise }} }
{{- end }}
{{- end -}}
