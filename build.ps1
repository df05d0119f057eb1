# Checks the machine, builds what changed, and runs the Cake program: ./build.ps1 --target=Table1
# The same steps as build.sh, for PowerShell 7 on Linux, Windows (x64) and macOS (arm64). It needs the .NET SDK and nothing else.
# It may be called from anywhere and through a link: paths are relative to where one stands.
$ErrorActionPreference = 'Stop'
$place = (Get-Location -PSProvider FileSystem).ProviderPath
$target = (Get-Item -LiteralPath $PSCommandPath).ResolveLinkTarget($true)
$root = Split-Path -LiteralPath $(if ($target) { $target.FullName } else { $PSCommandPath })
if ($env:LIBTORCH) { $env:LIBTORCH = [IO.Path]::GetFullPath($env:LIBTORCH, $place) }
$artifacts = Join-Path $root 'artifacts'
$env:DOTNET_NOLOGO = '1'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_SYSTEM_GLOBALIZATION_INVARIANT = '1'

function Stop-Build([string] $message) {
    [Console]::Error.WriteLine("Error: $message")
    exit 1
}

# Runs a step quietly: one line says what it does, its output goes to a log that is shown when it fails.
function Invoke-Step([string] $title, [string] $name, [string] $command, [string[]] $arguments) {
    $log = Join-Path $artifacts "$name.log"
    $first = if (Test-Path (Join-Path $artifacts 'obj')) { '' } else { 'the first time: restores packages, about a minute; ' }
    Write-Host "$title (${first}log: $([IO.Path]::GetRelativePath($place, $log))) ..."
    & $command @arguments *> $log
    if ($LASTEXITCODE -eq 0) { return }
    $text = Get-Content $log -Raw
    if ($text -match 'No space left on device|not enough space on the disk') {
        Stop-Build "${title}: no space left on the disk; NuGet's folder needs room for the packages (1.2 GB with libtorch for CPUs) and $artifacts 0.1 GB: free as much, or set NUGET_PACKAGES to a folder on a disk that has it"
    }
    if ($text -match 'error (NU1(101|102|301): [^\[\r\n]*)') {
        Stop-Build "${title}: NuGet found neither in its folder nor at its sources all that is needed ($($Matches[1])); connect this machine to the network once, or name a source that has it: dotnet nuget add source <address or folder>"
    }
    Get-Content $log -Tail 60 | ForEach-Object { [Console]::Error.WriteLine($_) }
    Stop-Build "$title failed; the whole log is in $log"
}

function Test-Stamp([string] $name, [string] $text) {
    $file = Join-Path $artifacts "$name.stamp"
    (Test-Path $file) -and ((Get-Content $file -Raw).Trim() -eq $text)
}

# Hash of everything that a build of the folders reads.
function Get-Fingerprint([string[]] $folders) {
    $files = Get-ChildItem $folders -Recurse -File | Where-Object { $_.FullName -notmatch '[/\\](bin|obj)[/\\]' }
    $files = @($files) + @(Get-ChildItem (Join-Path $root '*') -Include '*.props', 'global.json', 'Harness.sln' -File)
    $lines = @("$sdks $($env:TORCH) $([bool]$env:LIBTORCH) $root") + @($files | Sort-Object FullName | ForEach-Object { "$((Get-FileHash $_.FullName).Hash) $($_.FullName)" })
    $stream = [IO.MemoryStream]::new([Text.Encoding]::UTF8.GetBytes($lines -join "`n"))
    (Get-FileHash -InputStream $stream).Hash
}

function Invoke-Build([string] $stamp, [string] $project, [string[]] $folders) {
    $print = Get-Fingerprint $folders
    if ((Test-Stamp $stamp $print) -and (Test-Path (Join-Path $artifacts 'bin/Build/release/Harness.Build.dll'))) { return }
    $null = dotnet --version 2>&1
    if ($LASTEXITCODE -ne 0) { Stop-Build "global.json asks for .NET SDK $wanted or later; found: $((dotnet --list-sdks) -join ', ')" }
    # Both builds write the same assemblies: no stamp outlives a build of other sources.
    foreach ($name in 'build', 'tests') { Remove-Item (Join-Path $artifacts "$name.stamp") -ErrorAction SilentlyContinue }
    # Analysers take a third of the time and change no byte: only the build with the tests runs them.
    Invoke-Step "Building $project" $stamp 'dotnet' @('build', $project, '-c', 'Release', '-v', 'quiet', '-nologo', '-clp:NoSummary', "-p:RunAnalyzers=$($stamp -eq 'tests')")
    Set-Content (Join-Path $artifacts "$stamp.stamp") $print
}

Push-Location -LiteralPath $root
try {
    New-Item -ItemType Directory -Force $artifacts | Out-Null
    if ($IsLinux) {
        $processor = Get-Content /proc/cpuinfo -Raw
        if (($processor -notmatch '\bavx2\b') -or ($processor -notmatch '\bfma\b')) {
            Stop-Build 'this processor lacks AVX2 or FMA; results are pinned to those kernels, so an x86-64 processor with both is needed'
        }
    }

    if ($env:TORCH -and $env:TORCH -notin 'cpu', 'cuda') { Stop-Build "TORCH=$($env:TORCH): expected cpu or cuda, or nothing, which is cpu" }
    if ($env:TORCH -eq 'cuda' -and $IsMacOS) { Stop-Build 'TORCH=cuda: expected cpu on macOS, for which there is no libtorch with CUDA' }
    if ($env:LIBTORCH) {
        if (-not $IsLinux) { Stop-Build "LIBTORCH=$($env:LIBTORCH): expected nothing, because another libtorch is taken on Linux only; unset it" }
        if ($env:TORCH) { Stop-Build "TORCH=$($env:TORCH) and LIBTORCH=$($env:LIBTORCH): expected one of them; unset the other" }
        $expected = [regex]::Match((Get-Content Directory.Packages.props -Raw), '"libtorch-cpu-linux-x64" Version="(\d+\.\d+)').Groups[1].Value
        $file = 'version.py', 'build-version' | ForEach-Object { Join-Path $env:LIBTORCH $_ } | Where-Object { Test-Path $_ } | Select-Object -First 1
        if (-not $file -or -not (Test-Path "$($env:LIBTORCH)/lib/libtorch_cpu.so")) {
            Stop-Build "LIBTORCH=$($env:LIBTORCH) has no lib/libtorch_cpu.so, or neither version.py nor build-version; set it to a PyTorch installation's torch folder, or unset it to use the package's libtorch"
        }
        $found = [regex]::Match((Get-Content $file -Raw), '\d+\.\d+\.\d+').Value
        if (-not $found.StartsWith("$expected.")) {
            Stop-Build "LIBTORCH=$($env:LIBTORCH) is version $found, expected $expected.*, which the TorchSharp package was built for; install that one, or unset LIBTORCH"
        }
        $env:LD_LIBRARY_PATH = "$($env:LIBTORCH)/lib" + $(if ($env:LD_LIBRARY_PATH) { ":$($env:LD_LIBRARY_PATH)" })
    }

    $wanted = (Get-Content global.json -Raw | ConvertFrom-Json).sdk.version
    if (-not (Get-Command dotnet -CommandType Application -ErrorAction SilentlyContinue)) {
        Stop-Build "the .NET SDK is missing: install version $wanted or later (https://dotnet.microsoft.com/download) and run this again"
    }
    # Which SDK it takes is asked only before a build, because asking takes a tenth of a second.
    $dotnet = Get-Item -LiteralPath (Get-Command dotnet -CommandType Application | Select-Object -First 1).Source
    $target = $dotnet.ResolveLinkTarget($true)
    $folder = Join-Path (Split-Path -LiteralPath $(if ($target) { $target.FullName } else { $dotnet.FullName })) 'sdk'
    $sdks = if (Test-Path $folder) { (Get-ChildItem $folder -Directory).FullName -join ' ' } else { $folder }

    # What only shows what there is needs nothing that a target runs.
    $showsOnly = "$args" -match '(^|\s)(--?(dryrun|tree|description)(=true)?|--help|-h|-\?)(\s|$)'
    if (-not $showsOnly -and "$args" -match '(^|\s)(-t|--?target)[=\s](test|benchmark)(\s|$)') { Invoke-Build 'tests' 'Harness.sln' @('src', 'build', 'tests') }
    else { Invoke-Build 'build' 'build/Build.csproj' @('src', 'build') }
}
finally { Pop-Location }

# The numerics environment: the same bytes on every x86-64 machine with AVX2, or this machine's best kernels. It must be set before a process loads libtorch.
$kernels = @{ ATEN_CPU_CAPABILITY = 'avx2'; ONEDNN_MAX_CPU_ISA = 'AVX2'; DNNL_MAX_CPU_ISA = 'AVX2'; MKL_CBWR = 'AVX2,STRICT' }
$isFast = "$args" -match '(^|\s)--numerics[=\s]fast(\s|$)'
foreach ($name in $kernels.Keys) {
    if ($isFast) { Remove-Item "Env:$name" -ErrorAction SilentlyContinue } else { Set-Item "Env:$name" $kernels[$name] }
}
if ($isFast) { $env:MKL_CBWR = 'AUTO' }
$env:OMP_NUM_THREADS = '1'
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
# Speed only: large tensors take large pages.
$env:THP_MEM_ALLOC_ENABLE = '1'
dotnet (Join-Path $artifacts 'bin/Build/release/Harness.Build.dll') @args
exit $LASTEXITCODE
