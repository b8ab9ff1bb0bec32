{{- define "replay.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "replay.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "replay.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "replay.selector" -}}
app.kubernetes.io/name: {{ include "replay.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "replay.labels" -}}
{{ include "replay.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tapeloop
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "replay.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}

{{- define "replay.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "replay.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* What the restricted level of pod security asks of a pod, and of a container. */}}
{{- define "replay.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "replay.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* What a run is: the same for a Job and for each Job of a CronJob. */}}
{{- define "replay.jobSpec" -}}
# A replay that is begun again would send everything twice.
backoffLimit: 0
activeDeadlineSeconds: {{ .Values.activeDeadlineSeconds }}
ttlSecondsAfterFinished: {{ .Values.ttlSecondsAfterFinished }}
template:
  metadata:
    labels:
      {{- include "replay.selector" . | nindent 6 }}
      # `doctor` knows a replayer by it.
      app.kubernetes.io/component: replayer
      app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
      sidecar.istio.io/inject: {{ .Values.mesh.inject | quote }}
      {{- with .Values.mesh.revision }}
      istio.io/rev: {{ . }}
      {{- end }}
      {{- with .Values.podLabels }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    annotations:
      {{- if .Values.mesh.inject }}
      # The first calls must not be sent before there is a proxy.
      proxy.istio.io/config: "holdApplicationUntilProxyStarts: true"
      {{- end }}
      # A node that is emptied waits for the run, where its autoscaler asks.
      cluster-autoscaler.kubernetes.io/safe-to-evict: "false"
      {{- with .Values.podAnnotations }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  spec:
    restartPolicy: Never
    serviceAccountName: {{ include "replay.serviceAccount" . }}
    automountServiceAccountToken: false
    # Variables of Services whose names begin with tapeloop would be taken for settings.
    enableServiceLinks: false
    securityContext: {{- include "replay.podSecurity" . | nindent 6 }}
    {{- with .Values.imagePullSecrets }}
    imagePullSecrets: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .Values.priorityClassName }}
    priorityClassName: {{ . }}
    {{- end }}
    {{- with .Values.nodeSelector }}
    nodeSelector: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .Values.tolerations }}
    tolerations: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .Values.affinity }}
    affinity: {{- toYaml . | nindent 6 }}
    {{- end }}
    containers:
      - name: replay
        image: {{ include "replay.image" . }}
        imagePullPolicy: {{ .Values.image.pullPolicy }}
        command: [node, --input-type=module, --eval]
        args:
          - |-
            {{- .Files.Get "files/run.mjs" | trim | nindent 12 }}
          - --
          - /tape{{ with .Values.tape.path }}/{{ . }}{{ end }}
          - --target
          - {{ .Values.target | quote }}
          {{- with .Values.baseline }}
          - --baseline
          - {{ . | quote }}
          {{- end }}
          {{- if .Values.report.claim }}
          - --report
          - /report{{ with .Values.report.path }}/{{ . }}{{ end }}
          {{- end }}
          {{- range .Values.args }}
          - {{ . | quote }}
          {{- end }}
        env:
          - { name: PULL, value: {{ join " " .Values.tape.pull | quote }} }
          - { name: SIDECAR, value: {{ .Values.mesh.inject | quote }} }
          {{- with .Values.tape.adminTokenSecret }}
          - name: TAPELOOP_ADMIN_TOKEN
            valueFrom: { secretKeyRef: { name: {{ . }}, key: admin-token } }
          {{- end }}
          {{- with .Values.redactionKeySecret }}
          - name: TAPELOOP_REDACTION_KEY
            valueFrom: { secretKeyRef: { name: {{ . }}, key: redaction-key } }
          {{- end }}
          # A user's folder, for what looks there.
          - { name: HOME, value: /tmp }
          {{- with .Values.extraEnv }}
          {{- toYaml . | nindent 10 }}
          {{- end }}
        resources: {{- toYaml .Values.resources | nindent 10 }}
        securityContext: {{- include "replay.containerSecurity" . | nindent 10 }}
        volumeMounts:
          - { name: tape, mountPath: /tape{{ if .Values.tape.claim }}, readOnly: true{{ end }} }
          # The run file while it is written.
          - { name: tmp, mountPath: /tmp }
          {{- if .Values.report.claim }}
          - { name: report, mountPath: /report }
          {{- end }}
    volumes:
      - name: tape
        {{- if .Values.tape.claim }}
        persistentVolumeClaim: { claimName: {{ .Values.tape.claim }}, readOnly: true }
        {{- else }}
        emptyDir: { sizeLimit: {{ .Values.tape.size }} }
        {{- end }}
      - name: tmp
        emptyDir: {}
      {{- with .Values.report.claim }}
      - name: report
        persistentVolumeClaim: { claimName: {{ . }} }
      {{- end }}
{{- end -}}
