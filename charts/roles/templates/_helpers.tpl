{{/* A Role, and its RoleBinding where there are subjects: call with root, command, name, namespace, rules. */}}
{{- define "roles.role" }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels: {{- include "roles.labels" .root | nindent 4 }}
  annotations:
    tapeloop.io/command: {{ .command }}
rules:
  {{- range .rules }}
  - { apiGroups: {{ toJson .apiGroups }}, resources: {{ toJson .resources }}, verbs: {{ toJson .verbs }} }
  {{- end }}
{{- if .root.Values.subjects }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels: {{- include "roles.labels" .root | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .name }} }
subjects: {{- toYaml .root.Values.subjects | nindent 2 }}
{{- end }}
{{- end }}

{{- define "roles.labels" -}}
app.kubernetes.io/name: tapeloop-roles
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: tapeloop
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}
