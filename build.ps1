# Checks the machine, builds what changed, and runs the Cake program on Linux: ./build.ps1 --target=Table1
# The same steps as build.sh, which also installs missing Debian packages; this script only names them.
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot
$root = $PSScriptRoot
$artifacts = Join-Path $root 'artifacts'
$env:DOTNET_NOLOGO = '1'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_SYSTEM_GLOBALIZATION_INVARIANT = '1'

function Stop-Build([string] $message) {
    [Console]::Error.WriteLine("Error: $message")
    exit 1
}

function Test-Command([string] $name) {
    $null -ne (Get-Command $name -CommandType Application -ErrorAction SilentlyContinue)
}

# Runs a step quietly: one line says what it does, its output goes to a log that is shown when it fails.
function Invoke-Step([string] $title, [string] $name, [string] $command, [string[]] $arguments) {
    $log = Join-Path $artifacts "$name.log"
    Write-Host "$title (log: artifacts/$name.log) ..."
    & $command @arguments *> $log
    if ($LASTEXITCODE -ne 0) {
        Get-Content $log -Tail 60 | ForEach-Object { [Console]::Error.WriteLine($_) }
        Stop-Build "$title failed; the whole log is in $log"
    }
}

function Test-Stamp([string] $name, [string] $text) {
    $file = Join-Path $artifacts "$name.stamp"
    (Test-Path $file) -and ((Get-Content $file -Raw).Trim() -eq $text)
}

# Hash of everything that a build of the folders reads.
function Get-Fingerprint([string[]] $folders) {
    $files = Get-ChildItem $folders -Recurse -File | Where-Object { $_.FullName -notmatch '/(bin|obj)/' }
    $files = @($files) + @(Get-ChildItem (Join-Path $root '*') -Include '*.props', 'global.json', 'Harness.sln' -File)
    $lines = @("$sdk $($env:TORCH) $($env:LIBTORCH) $root") + @($files | Sort-Object FullName | ForEach-Object { "$((Get-FileHash $_.FullName).Hash) $($_.FullName)" })
    $stream = [IO.MemoryStream]::new([Text.Encoding]::UTF8.GetBytes($lines -join "`n"))
    (Get-FileHash -InputStream $stream).Hash
}

function Invoke-Build([string] $stamp, [string] $project, [string[]] $folders) {
    $print = Get-Fingerprint $folders
    if ((Test-Stamp $stamp $print) -and (Test-Path (Join-Path $artifacts 'bin/Build/release/Harness.Build.dll'))) { return }
    # Both builds write the same assemblies: no stamp outlives a build of other sources.
    foreach ($name in 'build', 'tests') { Remove-Item (Join-Path $artifacts "$name.stamp") -ErrorAction SilentlyContinue }
    Invoke-Step "Building $project" $stamp 'dotnet' @('build', $project, '-c', 'Release', '-v', 'quiet', '-nologo', '-clp:NoSummary')
    Set-Content (Join-Path $artifacts "$stamp.stamp") $print
}

New-Item -ItemType Directory -Force $artifacts | Out-Null
if (-not $IsLinux) { Stop-Build 'the harness runs on Linux (x86-64 with AVX2 and FMA); on Windows use WSL' }
$processor = Get-Content /proc/cpuinfo -Raw
if (($processor -notmatch '\bavx2\b') -or ($processor -notmatch '\bfma\b')) {
    Stop-Build 'this processor lacks AVX2 or FMA; results are pinned to those kernels, so an x86-64 processor with both is needed'
}

$wanted = (Get-Content global.json -Raw | ConvertFrom-Json).sdk.version
if (-not (Test-Command 'dotnet')) { Stop-Build "the .NET SDK is missing: install version $wanted or later (https://dotnet.microsoft.com/download) and run this again" }
$sdk = dotnet --version 2> $null
if ($LASTEXITCODE -ne 0) { Stop-Build "global.json asks for .NET SDK $wanted or later; found: $((dotnet --list-sdks) -join ', ')" }

$missing = @()
if ($env:TORCH) {
    if ($env:LIBTORCH) { Stop-Build "TORCH=$($env:TORCH) and LIBTORCH=$($env:LIBTORCH): expected one of them; unset the other" }
    if ($env:TORCH -notin 'cpu', 'cuda') { Stop-Build "TORCH=$($env:TORCH): expected cpu or cuda (the TorchSharp package with that libtorch), or nothing" }
} else {
    if (-not (Test-Command 'g++')) { $missing += 'g++' }
    if ($env:LIBTORCH) {
        if (-not ((Test-Path "$($env:LIBTORCH)/lib/libtorch_cpu.so") -and (Test-Path "$($env:LIBTORCH)/include/ATen/core/Tensor.h"))) {
            Stop-Build "LIBTORCH=$($env:LIBTORCH) has no lib/libtorch_cpu.so or no include/ATen/core/Tensor.h; set it to a PyTorch installation's torch folder, or unset it to use Debian's libtorch-dev"
        }
    } else {
        if (-not (Test-Path '/usr/include/ATen/core/Tensor.h')) { $missing += 'libtorch-dev' }
        $blas = /sbin/ldconfig -p | Select-String 'libblas\.so\.3 .*=> (\S+)' | Select-Object -First 1 | ForEach-Object { realpath $_.Matches[0].Groups[1].Value }
        if ("$blas" -notmatch 'openblas') { $missing += 'libopenblas0-pthread' }
    }
}
if ($missing) { Stop-Build "this machine lacks: $missing; install them with: sudo apt-get install -y --no-install-recommends $missing" }

if ("$args" -match '(^|\s)(-t|--target)[=\s]test(\s|$)') { Invoke-Build 'tests' 'Harness.sln' @('src', 'build', 'tests') }
else { Invoke-Build 'build' 'build/Build.csproj' @('src', 'build') }

# The numerics environment: the same bytes on every x86-64 machine with AVX2, or this machine's best kernels. It must be set before a process loads libtorch.
$kernels = @{ ATEN_CPU_CAPABILITY = 'avx2'; ONEDNN_MAX_CPU_ISA = 'AVX2'; DNNL_MAX_CPU_ISA = 'AVX2'; OPENBLAS_CORETYPE = 'Haswell'; MKL_CBWR = 'AVX2,STRICT' }
$isFast = "$args" -match '(^|\s)--numerics[=\s]fast(\s|$)'
foreach ($name in $kernels.Keys) { [Environment]::SetEnvironmentVariable($name, $(if (-not $isFast) { $kernels[$name] } elseif ($name -eq 'MKL_CBWR') { 'AUTO' } else { $null })) }
$env:OMP_NUM_THREADS = '1'
$env:OPENBLAS_NUM_THREADS = '1'
$env:MKL_NUM_THREADS = '1'
$env:OMP_DYNAMIC = 'FALSE'
$env:CUBLAS_WORKSPACE_CONFIG = ':4096:8'
$env:NVIDIA_TF32_OVERRIDE = '0'
# No collection on a thread beside the computing one.
$env:DOTNET_gcConcurrent = '0'
# Speed only: memory that tensors free is kept for the next ones.
$env:MALLOC_TRIM_THRESHOLD_ = '1073741824'
$env:MALLOC_MMAP_THRESHOLD_ = '1073741824'
$env:MALLOC_TOP_PAD_ = '67108864'
dotnet (Join-Path $artifacts 'bin/Build/release/Harness.Build.dll') @args
exit $LASTEXITCODE
